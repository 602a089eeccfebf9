/** What the stories leave out of a drain: a pool whose instances nobody has listed yet, every kind of notice, a drain called off. */
import { ok } from "node:assert/strict";
import type { Instance } from "../../../infra/local/aws/fleet.ts";
import { SHUTDOWN_SECONDS } from "../../../infra/local/cluster/kinds.ts";
import { barePod, daemonSet } from "../../../infra/local/cluster/manifests.ts";
import { createAll } from "../../../infra/local/manifests.ts";
import { openScene, type Scene } from "../../../infra/local/stories/run.ts";
import { CLUSTER, HOOK, NAMESPACE } from "../../../infra/local/stories/stage.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../../lib/api/core/labels.ts";
import { type MachineDrainRule, machineDrainRules } from "../../../lib/api/core/machine-drain-rule.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Pod } from "../../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { changed, fixture, type Json } from "../../clouds/aws/fixture.ts";
import { HOOK_EVENT } from "../scene.ts";
import { startRecording, type Uses } from "./record.ts";

const LATE = "late";
const SIZE = 10;
const STRANGER = "i-0f0f0f0f0f0f0f0f0";
const FINISHED_SECONDS = 300;
/** Older notices are looked into before they are believed. */
const LATE_SECONDS = 700;
const SLOW_SECONDS = 340;
/** The block of the recorded event. */
const BLOCK = "cr-0f60718293a4b5c6d";
const of = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }) => ({ apiVersion, kind });

/** Its group runs, its Machines are kept, and its lists are still empty. */
async function addLatePool({ stage: { cloud } }: Scene): Promise<void> {
  const { client } = cloud.management;
  const metadata = { name: LATE, namespace: NAMESPACE, labels: { [CLUSTER_NAME_LABEL]: CLUSTER } };
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name: LATE };
  const owner = await client.create<MachinePool>(machinePools, {
    ...of(machinePools),
    metadata,
    spec: { clusterName: CLUSTER, template: { spec: { clusterName: CLUSTER, infrastructureRef } } },
  });
  const ownerReferences = [{ ...of(machinePools), name: LATE, uid: owner.metadata.uid ?? "" }];
  await createAll(client, [
    {
      ...of(awsMachinePools),
      metadata: { ...metadata, ownerReferences },
      spec: { providerIDList: [`aws:///eu-west-1a/${STRANGER}`] },
    },
  ]);
  const status = { infrastructureMachineKind: "AWSMachine" };
  const at = { namespace: NAMESPACE, name: LATE };
  await client.patch(awsMachinePools, at, { type: "merge", body: { status } }, "status");
  await client.patch(machinePools, at, { type: "merge", body: { status } }, "status");
  await cloud.aws.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: LATE,
    LaunchTemplateData: {
      ImageId: "ami-0123456789abcdef0",
      InstanceType: "m7g.large",
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: BLOCK } },
    },
  });
  await cloud.aws.cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: LATE,
    MinSize: 0,
    MaxSize: SIZE,
    DesiredCapacity: SIZE,
    VPCZoneIdentifier: Object.keys(cloud.aws.cloud.subnets).join(","),
    LaunchTemplate: { LaunchTemplateName: LATE, Version: "$Latest" },
    Tags: [{ Key: `sigs.k8s.io/cluster-api-provider-aws/cluster/${CLUSTER}`, Value: "owned", PropagateAtLaunch: true }],
    LifecycleHookSpecificationList: [{ ...HOOK, LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" }],
  });
}

/** Asks for the cluster's labels and for those of namespaces. */
const pickyRule: MachineDrainRule = {
  ...of(machineDrainRules),
  metadata: { name: "picky", namespace: NAMESPACE },
  spec: {
    drain: { behavior: "Drain", order: 1 },
    machines: [{ clusterSelector: { matchExpressions: [{ key: "none", operator: "DoesNotExist" }] } }],
    pods: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } }],
  },
};

function noticesOf({ stage: { cloud }, clock }: Scene) {
  const time = (secondsAgo: number) => new Date(clock.now().getTime() - secondsAgo * 1000).toISOString();
  const hook = (name: string, id: string, secondsAgo: number) => {
    const isEvent = name === "terminate-hook-eventbridge";
    const within = isEvent ? "detail." : "";
    const fields: [string, Json][] = [
      [isEvent ? "time" : "Time", time(secondsAgo)],
      [`${within}AutoScalingGroupName`, LATE],
      [`${within}EC2InstanceId`, id],
    ];
    return fields.reduce((event, [path, value]) => changed(event, path, value), fixture(name));
  };
  return {
    /** EC2's own: Spot interruption, rebalance recommendation. */
    ec2: (name: string, id: string, secondsAgo = 0) =>
      cloud.host.publish(changed(changed(fixture(name), "detail.instance-id", id), "time", time(secondsAgo))),
    /** Somebody stops the instance. */
    stopping: (id: string, secondsAgo = 0) => {
      const event = changed(
        changed(fixture("instance-state-change"), "detail.instance-id", id),
        "detail.state",
        "stopping",
      );
      return cloud.host.publish(changed(event, "time", time(secondsAgo)));
    },
    hook: (id: string, secondsAgo = 0) => cloud.host.publish(hook("terminate-hook-eventbridge", id, secondsAgo)),
    queued: (id: string) =>
      cloud.aws.cloud.queues.send("Notifications", {
        body: JSON.stringify(hook("terminate-hook-notification", id, 0)),
      }),
    blockEnds: () => {
      const event = changed(fixture("capacity-block-expiry"), "detail.end-date", time(-3600));
      return cloud.host.publish(changed(event, "time", time(0)));
    },
    /** @param startsIn seconds; of a start that has passed nobody knows whether it happened */
    health: (id: string, startsIn = 86_400) => {
      const event = changed(fixture("scheduled-change"), "detail.affectedEntities", [{ entityValue: id }]);
      const start = new Date(time(-startsIn)).toUTCString();
      return cloud.host.publish(changed(changed(event, "detail.startTime", start), "time", time(0)));
    },
  };
}

/** Longer than the hook waits by itself: the wait has to be prolonged. */
const slowPod = ({ privateDnsName }: Instance): Pod =>
  barePod("slow", {
    graceSeconds: SLOW_SECONDS + 20,
    annotations: { [SHUTDOWN_SECONDS]: String(SLOW_SECONDS) },
    spec: { nodeName: privateDnsName },
  });

const recordOf = ({ id }: Instance) => ({ namespace: NAMESPACE, name: `${LATE}-${id}` });

async function takeOut({ stage: { cloud } }: Scene, { id }: Instance): Promise<void> {
  cloud.aws.cloud.dropEvents({ match: HOOK_EVENT, times: 1 });
  await cloud.aws.cloud.handle("autoscaling", "TerminateInstanceInAutoScalingGroup", {
    InstanceId: id,
    ShouldDecrementDesiredCapacity: true,
  });
}

/** Who leaves how. */
function castOf({ stage: { cloud } }: Scene) {
  const late = cloud.aws.cloud.instances().filter(({ member }) => member?.group === LATE);
  const [spot, rebalanced, queued, hooked, retired, found, refound, renewed, stopped] = late;
  ok(spot && rebalanced && queued && hooked && retired, `only ${late.length} instances`);
  ok(found && refound && renewed && stopped, `only ${late.length} instances`);
  return { spot, rebalanced, queued, hooked, retired, found, refound, renewed, stopped };
}

async function sendNotices(scene: Scene, cast: ReturnType<typeof castOf>): Promise<void> {
  const notices = noticesOf(scene);
  await createAll(scene.stage.cloud.workload.client, [slowPod(cast.hooked)]);
  await scene.clock.run({ maxSeconds: 10 });
  await takeOut(scene, cast.hooked);
  notices.ec2("rebalance-recommendation", cast.rebalanced.id);
  notices.ec2("spot-interruption", cast.spot.id);
  notices.queued(cast.queued.id);
  notices.hook(cast.hooked.id);
  notices.stopping(cast.stopped.id);
  for (const { id } of [cast.retired, cast.found]) notices.health(id);
  // Listed, and long gone: whether it is has to be asked.
  notices.ec2("spot-interruption", STRANGER, LATE_SECONDS);
  notices.stopping(STRANGER, LATE_SECONDS);
  notices.health(STRANGER, -LATE_SECONDS);
  // The instances are in service: recorded, and called off by the first look.
  for (const { id } of [cast.refound, cast.renewed]) notices.hook(id, 300);
}

/** As the API server tells of it: without a name. */
async function postDeletionOfAll({ stage: { cloud } }: Scene): Promise<void> {
  const { apiVersion, plural: resource } = instanceTerminations;
  const objectRef = { apiGroup: apiVersion.split("/")[0], resource, namespace: NAMESPACE };
  const event = { stage: "ResponseComplete", verb: "deletecollection", user: { username: "jane" }, objectRef };
  await fetch(`${cloud.host.url}/audit`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${cloud.auditToken}` },
    body: JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: [event] }),
  });
}

export async function playMoments(): Promise<Uses> {
  const settings = {
    LIFEGUARD_REBALANCE_POLICY: "Cordon",
    LIFEGUARD_FINISHED_TTL_SECONDS: String(FINISHED_SECONDS),
  };
  const scene = await openScene({ stage: {}, cloud: { settings } });
  const { clock, stage } = scene;
  try {
    const uses = startRecording(stage.cloud);
    await addLatePool(scene);
    await createAll(stage.cloud.management.client, [pickyRule]);
    // It does not tolerate the taint of a Node that leaves: whether its DaemonSet is still there has to be asked.
    await createAll(stage.cloud.workload.client, [daemonSet("picky-agent", { namespace: "kube-system" })]);
    await clock.run({ maxSeconds: 60 });
    const cast = castOf(scene);
    await sendNotices(scene, cast);
    await clock.run({ maxSeconds: 60 });
    // A person calls one off; what was called off above is asked for again; the sweep finds those whose events are lost.
    await stage.cloud.management.client.delete(instanceTerminations, recordOf(cast.rebalanced));
    noticesOf(scene).ec2("spot-interruption", cast.renewed.id);
    await takeOut(scene, cast.found);
    await takeOut(scene, cast.refound);
    await clock.run({ maxSeconds: 300 + FINISHED_SECONDS });
    noticesOf(scene).blockEnds();
    await postDeletionOfAll(scene);
    await clock.run({ maxSeconds: 30 });
    return uses();
  } finally {
    await scene.close();
  }
}
