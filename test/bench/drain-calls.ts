/** What one drain of 20 pods costs in calls, from the event to the finished record, and what happens before the cordon. */
import type { Call } from "../../infra/local/calls.ts";
import type { Invocation } from "../../infra/local/host/lambda.ts";
import { at } from "../packaging/template.ts";
import type { BenchRig } from "./local-rig.ts";
import { counted, noted, type Row } from "./row.ts";

const PODS = 20;
const MOST_CALLS = 40;
const MOST_CALLS_BEFORE_CORDON = 6;

const sum = (invocations: readonly Invocation[]) => invocations.reduce((total, { calls }) => total + calls, 0);
const isOwnQueue = ({ server }: Call) => server === "sqs";

/** The instance that came last: nothing but the DaemonSet's pod runs on its Node. */
function newest({ stage }: BenchRig) {
  const found = [...stage.instances()].sort((a, b) => a.launchTime.getTime() - b.launchTime.getTime()).at(-1);
  if (!found) throw new Error("the group is empty");
  return found;
}

async function drainOne(rig: BenchRig) {
  const instance = newest(rig);
  await rig.fill(instance.privateDnsName, PODS);
  const mark = rig.mark();
  await rig.terminate(instance);
  await rig.until("the end of the drain", () => rig.isOver(instance));
  return { invocations: mark.invocations(), calls: mark.calls() };
}

/** The instance's own end, which its release brings about, reports back while the release is still being written down. */
const isNoEcho = (one: Invocation) => one.function !== "ec2-instance-state-changed";

export async function drainRows(rig: BenchRig): Promise<readonly Row[]> {
  await rig.growTo(4);
  // Two passes may overlap, so two rounds warm a second sandbox as well; the third round counts.
  for (let round = 0; round < 2; round++) {
    await drainOne(rig);
    await rig.growTo(4);
  }
  const { invocations, calls } = await drainOne(rig);

  const evictions = calls.filter(({ what, code }) => what === "POST pods/eviction" && code < 300).length;
  if (evictions !== PODS)
    throw new Error(`${evictions} evictions instead of ${PODS}: the drain is not the one to measure`);
  const events = invocations.filter((one) => one.function === "asg-instance-terminating");
  const ofTheDrain = invocations.filter((one) => one.function !== "overdue-swept" && one.function !== "audit-received");
  const release = ofTheDrain.findIndex(({ logs }) => logs.some((line) => at(line, "did") === "released"));
  if (release < 0) throw new Error("no pass says that it released the hold");
  // A drainer that polls counts no receives either (aws-node-termination-handler: 655 Kubernetes calls for the same node).
  const messages = calls.filter(isOwnQueue).length;
  const beside = invocations.filter((one) => !ofTheDrain.includes(one));
  const breakdown = Object.entries(Object.groupBy(ofTheDrain, (one) => one.function))
    .map(([name, ones = []]) => `${name} ${sum(ones)} in ${ones.length}`)
    .join(", ");
  return [
    counted(`drain of ${PODS} pods: Kubernetes + cloud calls`, sum(ofTheDrain) - messages, MOST_CALLS, "calls"),
    noted("  beside them: messages on our own queue", `${messages} messages`),
    noted("  of them until the hold is released", `${sum(ofTheDrain.slice(0, release + 1).filter(isNoEcho))} calls`),
    noted("  by function", breakdown),
    noted("  beside it: sweeps and audit batches", `${sum(beside)} calls in ${beside.length}`),
    counted("event to cordon: invocations", events.length, 1, "invocations"),
    counted("event to cordon and back on the queue, warm: calls", sum(events), MOST_CALLS_BEFORE_CORDON, "calls"),
  ];
}
