/** What the stories leave out of a drain: a pool whose instances nobody has listed yet, every kind of notice, a drain called off. */
import { ok } from "node:assert/strict";
import type { Instance } from "../../../infra/local/aws/fleet.ts";
import { SHUTDOWN_SECONDS } from "../../../infra/local/cluster/kinds.ts";
import { barePod } from "../../../infra/local/cluster/manifests.ts";
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
  await createAll(client, [{ ...of(awsMachinePools), metadata: { ...metadata, ownerReferences }, spec: {} }]);
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
    ec2: (name: string, id: string) =>
      cloud.host.publish(changed(changed(fixture(name), "detail.instance-id", id), "time", time(0))),
    hook: (id: string, secondsAgo = 0) => cloud.host.publish(hook("terminate-hook-eventbridge", id, secondsAgo)),
    queued: (id: string) =>
      cloud.aws.cloud.queues.send("Notifications", {
        body: JSON.stringify(hook("terminate-hook-notification", id, 0)),
      }),
    blockEnds: () => {
      const event = changed(fixture("capacity-block-expiry"), "detail.end-date", time(-1800));
      return cloud.host.publish(changed(event, "time", time(0)));
    },
    health: (id: string) =>
      cloud.host.publish(
        changed(
          changed(fixture("scheduled-change"), "detail.affectedEntities", [{ entityValue: id }]),
          "time",
          time(0),
        ),
      ),
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

export async function playMoments(): Promise<Uses> {
  const settings = {
    LIFEGUARD_REBALANCE_POLICY: "Cordon",
    LIFEGUARD_FINISHED_TTL_SECONDS: String(FINISHED_SECONDS),
  };
  const scene = await openScene({ stage: {}, cloud: { settings } });
  const { clock, stage, close } = scene;
  const { aws, management } = stage.cloud;
  try {
    const uses = startRecording(stage.cloud);
    await addLatePool(scene);
    await createAll(management.client, [pickyRule]);
    await clock.run({ maxSeconds: 60 });
    const late = aws.cloud.instances().filter(({ member }) => member?.group === LATE);
    const [spot, rebalanced, queued, hooked, retired, found, refound, renewed] = late;
    ok(
      spot && rebalanced && queued && hooked && retired && found && refound && renewed,
      `only ${late.length} instances`,
    );
    const notices = noticesOf(scene);
    await createAll(stage.cloud.workload.client, [slowPod(hooked)]);
    await clock.run({ maxSeconds: 10 });
    for (const id of [rebalanced.id, STRANGER]) notices.ec2("rebalance-recommendation", id);
    for (const id of [spot.id, STRANGER]) notices.ec2("spot-interruption", id);
    for (const id of [queued.id, STRANGER]) notices.queued(id);
    await takeOut(scene, hooked);
    for (const id of [hooked.id, STRANGER]) notices.hook(id);
    for (const { id } of [retired, found]) notices.health(id);
    notices.health(STRANGER);
    // Too old to be believed of instances in service: recorded, and called off by the first look.
    for (const { id } of [refound, renewed]) notices.hook(id, 300);
    await clock.run({ maxSeconds: 60 });
    // A person calls one off; what was called off above is asked for again; the sweep finds those whose events are lost.
    await management.client.delete(instanceTerminations, recordOf(rebalanced));
    notices.ec2("spot-interruption", renewed.id);
    await takeOut(scene, found);
    await takeOut(scene, refound);
    await clock.run({ maxSeconds: 300 });
    await clock.run({ maxSeconds: FINISHED_SECONDS });
    notices.blockEnds();
    await clock.run({ maxSeconds: 5 });
    return uses();
  } finally {
    await close();
  }
}
