/** What one drain of 20 pods and one rollout of a pool cost on Azure: calls and passes, from the event to the end. */
import { deployments } from "../../infra/local/cluster/kinds.ts";
import { deployment } from "../../infra/local/cluster/manifests.ts";
import type { Invocation } from "../../infra/local/host/lambda.ts";
import { RESOURCE_GROUP } from "../../infra/local/stories/azure/manifests.ts";
import { type AzureScene, openAzureScene } from "../../infra/local/stories/azure/open.ts";
import { NOTIFIED, upgrade } from "../../infra/local/stories/azure/pools.ts";
import { startSeeing } from "../../infra/local/stories/full/seen.ts";
import { isAtRest } from "../../infra/local/stories/full/story.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { counted, noted, type Row } from "./row.ts";

const PODS = 20;
const SIZE = 4;
/** The 40 of any drain; the Machine beside the pool, in three passes; the event told of anew when it begins and when it is over. */
const MOST_CALLS = 46;
/** Three instances, one after the other, each with its surge: what it took when this was written, and a little. */
const MOST_PASSES_OF_A_ROLLOUT = 140;
const PATIENCE_SECONDS = 1800;
const OF_A_DRAIN = ["scheduled-event-emitted", "drain-continued"];

const sum = (invocations: readonly Invocation[]) => invocations.reduce((total, { calls }) => total + calls, 0);
const breakdown = (invocations: readonly Invocation[]) =>
  Object.entries(Object.groupBy(invocations, (one) => one.function))
    .map(([name, ones = []]) => `${name} ${sum(ones)} in ${ones.length}`)
    .join(", ");

async function until({ clock }: AzureScene, what: string, done: () => boolean): Promise<void> {
  if (await clock.run({ maxSeconds: PATIENCE_SECONDS, done })) return;
  throw new Error(`${what} did not come within ${PATIENCE_SECONDS} virtual seconds`);
}

/** What our functions did from now on. */
function mark({ stage: { cloud } }: AzureScene) {
  const from = cloud.host.invocations.length;
  const sent = cloud.azure.calls.length;
  return {
    invocations: () => cloud.host.invocations.slice(from),
    /** Messages on our own queues. */
    messages: (names: readonly string[]) =>
      cloud.azure.calls
        .slice(sent)
        .filter(({ who, what }) => what.includes("messages/send") && names.some((name) => who.endsWith(name))).length,
  };
}

/** The instance that came last: nothing but the DaemonSet's pod runs on its Node. */
function newest({ stage }: AzureScene) {
  const found = [...stage.vms()].sort((a, b) => Number(a.instanceId) - Number(b.instanceId)).at(-1);
  if (!found) throw new Error("the pool is empty");
  return found;
}

async function fill(scene: AzureScene, node: string): Promise<void> {
  const { cloud, podsOn } = scene.stage;
  const spec = { nodeSelector: { "kubernetes.io/hostname": node } };
  await cloud.workload.client.create(deployments, deployment("fill", PODS, { spec }));
  await until(scene, `${PODS} pods on ${node}`, () => podsOn(node).length >= PODS);
}

/** A person deletes the instance; the pool puts another in its place. */
async function drainOne(scene: AzureScene, instance: ReturnType<typeof newest>): Promise<void> {
  const { stage } = scene;
  const ended = () =>
    stage.watched.items<InstanceTermination>(instanceTerminations).filter(({ status }) => status?.phase === "Released");
  const before = ended().length;
  const { virtualMachineScaleSets: sets } = stage.compute;
  const { scaleSet, instanceId } = instance;
  await sets.deleteInstances(RESOURCE_GROUP, scaleSet, { instanceIds: [instanceId] }).submitted();
  await until(scene, "the end of the drain", () => ended().length > before);
}

async function drainRows(scene: AzureScene): Promise<readonly Row[]> {
  const { stage } = scene;
  await stage.scaleTo(SIZE);
  await until(scene, "the larger pool", () => isAtRest(stage, SIZE));
  // The first round warms the sandboxes, the second one counts.
  await drainOne(scene, newest(scene));
  await until(scene, "the replacement", () => isAtRest(stage, SIZE));
  const victim = newest(scene);
  await fill(scene, victim.computerName);
  const since = mark(scene);
  await drainOne(scene, victim);
  const ofTheDrain = since.invocations().filter((one) => OF_A_DRAIN.includes(one.function));
  const messages = since.messages(OF_A_DRAIN);
  return [
    counted(
      `drain of ${PODS} pods, full profile: Kubernetes + cloud calls`,
      sum(ofTheDrain) - messages,
      MOST_CALLS,
      "calls",
    ),
    noted("  beside them: messages on our own queues", `${messages} messages`),
    noted("  by function", breakdown(ofTheDrain)),
  ];
}

async function rolloutRows(scene: AzureScene): Promise<readonly Row[]> {
  const count = startSeeing(scene.stage);
  const since = mark(scene);
  for (const { title, begin, isDone } of upgrade.acts) {
    await begin(scene.stage);
    await until(scene, title, () => isDone(scene.stage, count));
  }
  const passes = since.invocations().filter((one) => one.function.endsWith("-continued"));
  return [
    counted("rollout of 3 instances: passes", passes.length, MOST_PASSES_OF_A_ROLLOUT, "passes"),
    noted("  by function", breakdown(since.invocations())),
  ];
}

export async function azurePoolRows(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const measure of [drainRows, rolloutRows]) {
    const scene = await openAzureScene({ pool: NOTIFIED });
    try {
      rows.push(...(await measure(scene)));
    } finally {
      await scene.close();
    }
  }
  return rows;
}
