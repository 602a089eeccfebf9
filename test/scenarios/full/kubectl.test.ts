/** A person with the real kubectl applies, scales and deletes a pool of their own. */
import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../../infra/local/manifests.ts";
import { acceptsPods, writesSince } from "../../../infra/local/stories/full/seen.ts";
import { NAMESPACE } from "../../../infra/local/stories/stage.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { kubectl } from "../../support/kubectl.ts";
import { fullScenario } from "./scene.ts";

const OWN_POOL = join(ROOT, "infra/local/stories/full/own-pool.yaml");

fullScenario("apply, scale, get and delete do what they say", async ({ clock, stage }) => {
  const person = stage.cloud.management.kubeconfig("person", ["system:masters"]);
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await kubectl(person, "-n", NAMESPACE, ...args);
    strictEqual(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const pool = () => stage.pools.items<MachinePool>(machinePools)[0];
  const joined = () => stage.watched.items<Node>(nodes).filter(acceptsPods).length;
  const runs = (size: number) => () => {
    const { phase, readyReplicas, replicas } = pool()?.status ?? {};
    return phase === "Running" && readyReplicas === size && replicas === size && joined() === size;
  };

  await run("apply", "-f", OWN_POOL);
  ok(await clock.run({ maxSeconds: 300, done: runs(2) }), JSON.stringify(pool()?.status));
  await run("scale", "machinepool", "shop-spares", "--replicas=3");
  ok(await clock.run({ maxSeconds: 300, done: runs(3) }), JSON.stringify(pool()?.status));
  match(await run("get", "machinepools"), /shop-spares +shop +3 +3 +3 +Running +v1\.34\.1/);
  match(await run("apply", "-f", OWN_POOL), /machinepool.* configured/);
  ok(await clock.run({ maxSeconds: 600, done: runs(2) }), JSON.stringify(pool()?.status));

  await clock.run({ maxSeconds: 120 });
  const since = clock.now();
  match(await run("apply", "-f", OWN_POOL), /machinepool.* unchanged/);
  await clock.run({ maxSeconds: 120 });
  strictEqual(writesSince(stage, since).length, 0);

  // Its pods have nowhere else to go: as long as their budget stands, the pool would stand as well.
  const workload = stage.cloud.workload.kubeconfig("person", ["system:masters"]);
  strictEqual((await kubectl(workload, "delete", "pdb", "web")).code, 0);
  await run("delete", "machinepool", "shop-spares", "--wait=false");
  const gone = () => !pool() && stage.cloud.aws.cloud.instances().every(({ state }) => state === "terminated");
  ok(await clock.run({ maxSeconds: 1200, done: gone }), JSON.stringify(pool()?.status));
});
