/** The events on the bus have the exact form of the recorded ones, and arrive lost, doubled, late or swapped on request. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  CompleteLifecycleActionCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import type { CloudEvent } from "../../../infra/local/aws/bus.ts";
import { fixture } from "../../clouds/aws/fixture.ts";
import { DRAIN, GROUP, inState, only, type Rig, startGroup, startRig } from "./rig.ts";

const QUEUE = "hooks";
const METADATA = '{"pool":"team/workers-a"}';
const hook = { ...DRAIN, LifecycleHookName: "lifeguard-drain", NotificationMetadata: METADATA };
const SPOT = {
  LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: "plain" } },
  InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
};

/** Text with whatever differs from run to run replaced by its kind; the rest must be equal letter for letter. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>"],
  [/\bi-[0-9a-f]{17}/g, "<instance>"],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "<time in seconds>"],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "<time in milliseconds>"],
  [/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, "<time in words>"],
  [/(RETIREMENT_SCHEDULED_)[0-9a-f]{8}/, "$1<hex>"],
  [/^[0-9a-f]{32}$/, "<hex>"],
  [/eu-west-1[abc]/g, "<zone>"],
];

function shape(value: unknown): unknown {
  if (typeof value === "string") return kinds.reduce((text, [pattern, kind]) => text.replace(pattern, kind), value);
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shape(member)]));
}

const eventOf = (rig: Rig, type: string) => only(rig.events.filter((event) => event["detail-type"] === type));
const messages = (rig: Rig) => rig.cloud.queues.receive(QUEUE, 10).map(({ body }) => JSON.parse(body) as unknown);

async function scaleIn(rig: Rig): Promise<string> {
  await startGroup(rig, { DesiredCapacity: 1, LifecycleHookSpecificationList: [hook] });
  await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 0 }));
  return only(await inState(rig, "Terminating:Wait"));
}

async function hookWithTarget(rig: Rig, more: object = {}): Promise<void> {
  await startGroup(rig, { DesiredCapacity: 1 });
  rig.cloud.queues.create(QUEUE);
  const target = {
    NotificationTargetARN: `arn:aws:sqs:eu-west-1:210987654321:${QUEUE}`,
    RoleARN: "arn:aws:iam::210987654321:role/hooks",
  };
  await rig.autoscaling.send(new PutLifecycleHookCommand({ ...hook, ...target, ...more, AutoScalingGroupName: GROUP }));
}

const recorded: readonly { readonly file: string; readonly provoke: (rig: Rig) => Promise<unknown> }[] = [
  {
    file: "terminate-hook-eventbridge",
    provoke: async (rig) => {
      await scaleIn(rig);
      return eventOf(rig, "EC2 Instance-terminate Lifecycle Action");
    },
  },
  {
    file: "terminate-hook-notification",
    provoke: async (rig) => {
      await hookWithTarget(rig);
      await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 0 }));
      return messages(rig)[1];
    },
  },
  {
    file: "test-notification",
    provoke: async (rig) => {
      await hookWithTarget(rig);
      return only(messages(rig));
    },
  },
  {
    file: "spot-interruption",
    provoke: async (rig) => {
      await startGroup(rig, { DesiredCapacity: 1, MixedInstancesPolicy: SPOT });
      rig.cloud.interruptSpot(only(await inState(rig, "InService")));
      return eventOf(rig, "EC2 Spot Instance Interruption Warning");
    },
  },
  {
    file: "rebalance-recommendation",
    provoke: async (rig) => {
      await startGroup(rig, { DesiredCapacity: 1, MixedInstancesPolicy: SPOT });
      rig.cloud.recommendRebalance(only(await inState(rig, "InService")));
      return eventOf(rig, "EC2 Instance Rebalance Recommendation");
    },
  },
  {
    file: "instance-state-change",
    provoke: async (rig) => {
      await startGroup(rig, { DesiredCapacity: 1 });
      rig.cloud.terminateInstance(only(await inState(rig, "InService")));
      return rig.events.find(({ detail }) => detail.state === "shutting-down");
    },
  },
  {
    file: "scheduled-change",
    provoke: async (rig) => {
      await startGroup(rig, { DesiredCapacity: 1 });
      rig.cloud.scheduleMaintenance(await inState(rig, "InService"), new Date("2026-12-03T02:00:00Z"));
      return eventOf(rig, "AWS Health Event");
    },
  },
];

for (const { file, provoke } of recorded) {
  test(`the event has the form of ${file}.json`, async (context) => {
    const rig = await startRig(context);
    deepStrictEqual(shape(await provoke(rig)), shape(fixture(file)));
  });
}

test("one maintenance event names all its instances, and at the start time they stop", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 2 });
  const ids = await inState(rig, "InService");
  rig.cloud.scheduleMaintenance(ids, new Date(rig.clock.now().getTime() + 10_000));
  const entities = eventOf(rig, "AWS Health Event").detail.affectedEntities as readonly {
    readonly entityValue: string;
  }[];
  deepStrictEqual(
    entities.map(({ entityValue }) => entityValue),
    ids,
  );
  await rig.pass(9);
  strictEqual(
    rig.cloud.instances().every(({ state }) => state === "running"),
    true,
  );
  await rig.pass(1);
  strictEqual(
    rig.cloud.instances().every(({ state }) => state === "shutting-down"),
    true,
  );
});

test("launches and terminations are told when they are over, with instance and group", async (context) => {
  const rig = await startRig(context);
  const id = await scaleIn(rig);
  const { EC2InstanceId, AutoScalingGroupName, StatusCode } = eventOf(rig, "EC2 Instance Launch Successful").detail;
  deepStrictEqual([EC2InstanceId, AutoScalingGroupName, StatusCode], [id, GROUP, "InProgress"]);
  const ended = () => rig.events.filter((event) => event["detail-type"] === "EC2 Instance Terminate Successful").length;
  const named = { AutoScalingGroupName: GROUP, LifecycleHookName: hook.LifecycleHookName, InstanceId: id };
  await rig.autoscaling.send(new CompleteLifecycleActionCommand({ ...named, LifecycleActionResult: "CONTINUE" }));
  strictEqual(ended(), 0);
  await rig.pass(2);
  strictEqual(ended(), 1);
});

test("the listener of instances hears each launch, start, shutdown and end", async (context) => {
  const rig = await startRig(context);
  const heard: string[] = [];
  rig.cloud.onInstance(({ instance, state }) => void heard.push(`${state} ${instance.privateDnsName}`));
  await startGroup(rig, { DesiredCapacity: 1 });
  rig.cloud.terminateInstance(only(await inState(rig, "InService")));
  await rig.pass(2);
  const node = "ip-10-0-1-4.eu-west-1.compute.internal";
  deepStrictEqual(
    heard,
    ["launched", "running", "shutting-down", "terminated"].map((state) => `${state} ${node}`),
  );
});

const match = { "detail-type": ["story"] };
const troubles: readonly {
  readonly name: string;
  readonly make: (rig: Rig) => void;
  readonly now: readonly number[];
  readonly later: readonly number[];
}[] = [
  { name: "no trouble", make: () => {}, now: [1, 2, 3], later: [1, 2, 3] },
  { name: "the first two are lost", make: ({ cloud }) => cloud.dropEvents({ match, times: 2 }), now: [3], later: [3] },
  {
    name: "one is doubled, its copy comes later",
    make: ({ cloud }) => cloud.duplicateEvents({ match, times: 1, seconds: 5 }),
    now: [1, 2, 3],
    later: [1, 2, 3, 1],
  },
  {
    name: "one is late",
    make: ({ cloud }) => cloud.delayEvents({ match: { detail: { number: [2] } }, times: 1, seconds: 5 }),
    now: [1, 3],
    later: [1, 3, 2],
  },
  {
    name: "two arrive the wrong way round",
    make: ({ cloud }) => cloud.reorderEvents({ match, times: 2 }),
    now: [2, 1, 3],
    later: [2, 1, 3],
  },
];

for (const { name, make, now, later } of troubles) {
  test(`events in trouble: ${name}`, async (context) => {
    const rig = await startRig(context);
    const numbers = () => rig.events.map(({ detail }: CloudEvent) => detail.number);
    make(rig);
    for (const number of [1, 2, 3]) rig.cloud.emit({ source: "test", detailType: "story", detail: { number } });
    deepStrictEqual(numbers(), now);
    await rig.pass(6);
    deepStrictEqual(numbers(), later);
  });
}

test("a doubled event keeps its id, two events never share one", async (context) => {
  const rig = await startRig(context);
  rig.cloud.duplicateEvents({ match, times: 1 });
  for (const number of [1, 2]) rig.cloud.emit({ source: "test", detailType: "story", detail: { number } });
  await rig.pass(1);
  const [first, second, copy] = rig.events;
  ok(first && second && copy);
  deepStrictEqual(copy, first);
  strictEqual(first.id === second.id, false);
});
