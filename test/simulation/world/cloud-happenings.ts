/** What AWS does to instances, at its own will or at the request of people. */
import { awsOf } from "../clouds/simulated-cloud.ts";
import { POOL, type Scene, STRANGERS, TWINS } from "../scene.ts";
import { choose } from "./choosing.ts";

/** @returns what happened, in words; undefined: there was nothing to do it to */
export type Happening = (scene: Scene, name: string) => Promise<string | undefined>;

const SPOT_SECONDS = 120;

const members = (scene: Scene, group: string) =>
  awsOf(scene)
    .instances()
    .filter(({ member }) => member?.group === group);
const inService = (scene: Scene, group = POOL) =>
  members(scene, group).filter(({ member, state }) => member?.lifecycleState === "InService" && state === "running");

async function setSize(scene: Scene, group: string, by: number): Promise<string | undefined> {
  const size = inService(scene, group).length + by;
  if (size < 0 || size > 6) return undefined;
  const input = { AutoScalingGroupName: group, DesiredCapacity: size };
  await awsOf(scene).handle("autoscaling", "SetDesiredCapacity", input);
  return `${group} is asked to have ${size} instances`;
}

const takenAt = ({ facts, time }: Scene, id: string, seconds: number) =>
  facts.takenAt.set(id, [...(facts.takenAt.get(id) ?? []), time.now() + seconds * 1000]);

const spot =
  (wanted: (lifecycleState: string) => boolean): Happening =>
  async (scene, name) => {
    const running = members(scene, POOL).filter(
      ({ state, member }) => state === "running" && wanted(member?.lifecycleState ?? ""),
    );
    const one = choose(scene, name, running);
    if (!one) return undefined;
    takenAt(scene, one.id, SPOT_SECONDS);
    awsOf(scene).interruptSpot(one.id);
    return `the cloud takes ${one.id} back in two minutes`;
  };

const replaceOne: Happening = async (scene, name) => {
  const one = choose(scene, name, inService(scene));
  if (!one) return undefined;
  const input = { InstanceId: one.id, ShouldDecrementDesiredCapacity: false };
  await awsOf(scene).handle("autoscaling", "TerminateInstanceInAutoScalingGroup", input);
  return `a rolling refresh replaces ${one.id}`;
};

export const cloudHappenings: Readonly<Record<string, Happening>> = {
  "scale in": (scene) => setSize(scene, POOL, -1),
  "scale out": (scene) => setSize(scene, POOL, 1),
  "rolling refresh": replaceOne,
  "spot interruption": spot((state) => state === "InService"),
  "spot interruption during a drain": spot((state) => state === "Terminating:Wait"),
  "rebalance recommendation": async (scene, name) => {
    const one = choose(scene, name, inService(scene));
    if (!one) return undefined;
    awsOf(scene).recommendRebalance(one.id);
    return `the cloud recommends to leave ${one.id}`;
  },
  "maintenance scheduled": async (scene, name) => {
    const one = choose(scene, name, inService(scene));
    if (!one) return undefined;
    const seconds = scene.chance.pick(`${name} in`, [120, 600, 3000]);
    takenAt(scene, one.id, Math.floor(seconds));
    const start = new Date(Math.floor(scene.time.now() / 1000) * 1000 + seconds * 1000);
    awsOf(scene).scheduleMaintenance([one.id], start);
    return `the host of ${one.id} is retired in ${seconds} s`;
  },
  "instance dies": async (scene, name) => {
    const one = choose(
      scene,
      name,
      members(scene, POOL).filter(({ state }) => state === "running"),
    );
    if (!one) return undefined;
    takenAt(scene, one.id, 0);
    awsOf(scene).terminateInstance(one.id);
    return `${one.id} is terminated without a word`;
  },
  "describe calls lag": async (scene, name) => {
    const { facts, time, chance } = scene;
    const cloud = awsOf(scene);
    const lag = chance.pick(`${name} lag`, [3, 10, 30]);
    cloud.lagDescribes(lag);
    facts.describeLagSeconds = lag;
    const own = ++facts.lags;
    // One that begins meanwhile goes on.
    const isLast = () => facts.lags === own;
    time.after(600, () => {
      if (isLast()) cloud.lagDescribes(0);
      time.after(lag, () => {
        if (isLast()) facts.describeLagSeconds = 0;
      });
    });
    return `describe calls lag ${lag} s behind for ten minutes`;
  },
  "foreign scale in": (scene) => setSize(scene, STRANGERS, -1),
  "foreign twin replaced": async (scene) => {
    const [one] = inService(scene, TWINS);
    if (!one) return undefined;
    const input = { InstanceId: one.id, ShouldDecrementDesiredCapacity: false };
    await awsOf(scene).handle("autoscaling", "TerminateInstanceInAutoScalingGroup", input);
    return `${one.id} of another cluster is replaced`;
  },
  "foreign spot interruption": async (scene) => {
    const [one] = [...inService(scene, STRANGERS), ...inService(scene, TWINS)];
    if (!one) return undefined;
    awsOf(scene).interruptSpot(one.id);
    return `the cloud takes ${one.id}, which is not ours`;
  },
};
