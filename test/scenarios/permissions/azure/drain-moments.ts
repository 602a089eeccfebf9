/** What the stories leave out of a drain on Azure: pools whose machines nobody has listed yet, lost events, drains called off. */
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { SHUTDOWN_SECONDS } from "../../../../infra/local/cluster/kinds.ts";
import { barePod, daemonSet } from "../../../../infra/local/cluster/manifests.ts";
import { createAll } from "../../../../infra/local/manifests.ts";
import { NAMES } from "../../../../infra/local/stories/azure/manifests.ts";
import { type AzureScene, openAzureScene } from "../../../../infra/local/stories/azure/open.ts";
import { machines } from "../../../../lib/api/core/machine.ts";
import { type MachineDrainRule, machineDrainRules } from "../../../../lib/api/core/machine-drain-rule.ts";
import type { Pod } from "../../../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../../../lib/api/lifecycle/instance-termination.ts";
import type { Uses } from "../uses.ts";
import { addLatePool } from "./late-pools.ts";
import { noticesOf } from "./notices.ts";
import { startRecording } from "./record.ts";

const POOL = { template: { terminateNotificationTimeout: 5, spotVMOptions: { evictionPolicy: "Delete" } } };
const SIZE = 10;
const FINISHED_SECONDS = 300;
const SLOW_SECONDS = 400;

/** Asks for the cluster's labels and for those of namespaces. */
const pickyRule: MachineDrainRule = {
  apiVersion: machineDrainRules.apiVersion,
  kind: machineDrainRules.kind,
  metadata: { name: "picky", namespace: NAMES.namespace },
  spec: {
    drain: { behavior: "Drain", order: 1 },
    machines: [{ clusterSelector: { matchExpressions: [{ key: "none", operator: "DoesNotExist" }] } }],
    pods: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } }],
  },
};

/** Keeps its machine's drain open for as long as a moment takes. */
const slowPod = ({ computerName }: Instance, name: string): Pod =>
  barePod(name, {
    graceSeconds: SLOW_SECONDS + 20,
    annotations: { [SHUTDOWN_SECONDS]: String(SLOW_SECONDS) },
    spec: { nodeName: computerName },
  });

/** Who leaves how: two with a database on them, and some with nothing but agents. */
function castOf({ vms, podsOn }: AzureScene["stage"]) {
  const holds = (prefix: string) => (one: Instance) => podsOn(one.computerName).some((pod) => pod.startsWith(prefix));
  const all = vms();
  const [spotted, announced] = all.filter(holds("db-"));
  const bare = all.filter((one) => !holds("db-")(one) && !holds("web-")(one));
  const [empty, first, second, wavering, taken, replaced] = bare;
  if (!spotted || !announced || !empty || !first || !second || !wavering || !taken || !replaced)
    throw new Error(`${all.length} machines, ${bare.length} of them without pods`);
  return { spotted, announced, empty, first, second, wavering, taken, replaced };
}

type Cast = ReturnType<typeof castOf>;

const recordOf = ({ name }: Instance) => ({
  namespace: NAMES.namespace,
  name: `${NAMES.pool}-${name.replaceAll("_", "-")}`,
});

/** Notices of all kinds, at the same time. */
async function leaveAtOnce(scene: AzureScene, cast: Cast): Promise<void> {
  const { stage, clock } = scene;
  const notices = noticesOf(scene);
  // Of those on a Spot machine only the quick have time to be evicted.
  const quick = barePod("quick", { graceSeconds: 5, spec: { nodeName: cast.spotted.computerName } });
  const slow = [slowPod(cast.wavering, "slow-one"), slowPod(cast.taken, "slow-two")];
  await createAll(stage.cloud.workload.client, [quick, ...slow]);
  await clock.run({ maxSeconds: 10 });
  notices.reclaim(cast.spotted);
  notices.reclaim(cast.empty);
  await notices.announce(cast.announced);
  await clock.run({ maxSeconds: 20 });
  await notices.deleteTogether(cast.first, cast.second);
  // Recorded already, without a hold: the sweep finds what holds it now.
  await notices.unheard(() => notices.deleteByHand(cast.announced));
  await clock.run({ maxSeconds: 240 });
}

/** Host maintenance that is announced, called off and announced again, in the end without a word. */
async function waver(scene: AzureScene, cast: Cast): Promise<void> {
  const { stage, clock } = scene;
  const notices = noticesOf(scene);
  const first = notices.maintain(cast.wavering);
  notices.maintain(cast.taken);
  await clock.run({ maxSeconds: 15 });
  notices.callOff(first);
  // A person calls the other one off.
  await stage.management.delete(instanceTerminations, recordOf(cast.taken));
  await clock.run({ maxSeconds: 90 });
  const second = notices.maintain(cast.wavering);
  await clock.run({ maxSeconds: 15 });
  notices.callOff(second);
  await clock.run({ maxSeconds: 90 });
  await notices.unheard(() => notices.maintain(cast.wavering));
  await clock.run({ maxSeconds: 150 });
}

/** Its place is to be filled: Azure lowers the number with every deletion. */
async function replaceMachine({ stage, clock }: AzureScene, { replaced }: Cast): Promise<void> {
  const providerID = stage.cloud.azure.cloud.providerIdOf(replaced);
  const found = stage.machines().find(({ spec }) => spec.providerID === providerID);
  await stage.management.delete(machines, { namespace: NAMES.namespace, name: found?.metadata.name ?? "" });
  await clock.run({ maxSeconds: 120 });
}

async function meetStrangers(scene: AzureScene): Promise<void> {
  const notices = noticesOf(scene);
  const pools = [await addLatePool(scene, "late", "Uniform"), await addLatePool(scene, "late-too", "Flexible")];
  await scene.clock.run({ maxSeconds: 60 });
  for (const { machines: found } of pools) {
    const [told, untold] = found();
    notices.reclaim(told);
    await notices.unheard(() => notices.maintain(untold));
  }
  await scene.clock.run({ maxSeconds: 150 });
}

export async function playDrainMoments(): Promise<Uses> {
  const settings = { LIFEGUARD_FINISHED_TTL_SECONDS: String(FINISHED_SECONDS) };
  const scene = await openAzureScene({ pool: POOL, settings });
  const { clock, stage } = scene;
  try {
    const uses = startRecording(stage.cloud);
    await createAll(stage.management, [pickyRule]);
    // It does not tolerate the taint of a Node that leaves: whether its DaemonSet is still there has to be asked.
    await createAll(stage.cloud.workload.client, [daemonSet("picky-agent", { namespace: "kube-system" })]);
    await stage.scaleTo(SIZE);
    await clock.run({ maxSeconds: 180 });
    const cast = castOf(stage);
    await leaveAtOnce(scene, cast);
    await waver(scene, cast);
    await replaceMachine(scene, cast);
    await meetStrangers(scene);
    await clock.run({ maxSeconds: FINISHED_SECONDS });
    return uses();
  } finally {
    await scene.close();
  }
}
