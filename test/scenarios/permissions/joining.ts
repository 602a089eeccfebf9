/** A launch hook of ours holds an instance until its Node is Ready: the pool's own pass lets it into service. */

import { type FullStage, POOL_AT } from "../../../infra/local/stories/full/stage.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";

const HOOK = {
  name: "lifeguard-join",
  lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
  heartbeatTimeout: "10m",
};

export async function joinPool(stage: FullStage, wait: (seconds: number) => Promise<unknown>): Promise<void> {
  const { management, machinePool } = stage;
  const declare = (lifecycleHooks: readonly object[] | null) =>
    management.patch(awsMachinePools, POOL_AT, { type: "merge", body: { spec: { lifecycleHooks } } });
  const size = machinePool()?.spec.replicas ?? 0;
  await declare([HOOK]);
  await wait(90);
  await stage.scaleTo(size + 1);
  await wait(240);
  const states = stage.instances().map(({ member }) => member?.lifecycleState);
  if (states.filter((one) => one === "InService").length !== size + 1) throw new Error(`in service: ${states.join()}`);
  await declare(null);
  await stage.scaleTo(size);
  await wait(300);
}
