/** Who else acts on a pool of ours: the garbage collector of the management cluster, and the owner of a foreign hook. */
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { awsOf } from "../clouds/simulated-cloud.ts";
import { POOL, type Scene } from "../scene.ts";

export const FOREIGN_HOOK = "audit-team";
const COLLECT_SECONDS = 5;
const FOREIGN_SECONDS = 20;

function collectGarbage({ listeners, management, time }: Scene): void {
  listeners.add(({ plural, after, before }) => {
    if (plural !== machinePools.plural || after) return;
    time.after(COLLECT_SECONDS, async () => {
      for (const record of management.all(instanceTerminations)) {
        const isOrphan = record.metadata.ownerReferences?.some(({ uid }) => uid === before?.metadata.uid);
        if (isOrphan) await management.remove("garbage collector", instanceTerminations, record);
      }
    });
  });
}

/** It lets every instance go after a little while. */
function answerForeignHook({ time, ...scene }: Scene): void {
  const cloud = awsOf(scene);
  cloud.onEvent(({ detail }) => {
    const { LifecycleHookName, EC2InstanceId } = detail as Readonly<Record<string, unknown>>;
    if (LifecycleHookName !== FOREIGN_HOOK) return;
    const named = { AutoScalingGroupName: POOL, LifecycleHookName, InstanceId: EC2InstanceId };
    time.after(FOREIGN_SECONDS, async () => {
      if (!cloud.waiting().some(({ instanceId, hook }) => instanceId === EC2InstanceId && hook === FOREIGN_HOOK))
        return;
      const input = { ...named, LifecycleActionResult: "CONTINUE" };
      await cloud.handle("autoscaling", "CompleteLifecycleAction", input);
    });
  });
}

export function actOnPools(scene: Scene): void {
  collectGarbage(scene);
  if (scene.cloud.name === "aws") answerForeignHook(scene);
}
