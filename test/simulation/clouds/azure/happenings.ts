/** What Azure does to machines, at its own will or at the request of people. */
import { POOL, type Scene, STRANGERS, TWINS } from "../../scene.ts";
import { choose } from "../../world/choosing.ts";
import type { Happening } from "../../world/cloud-happenings.ts";
import { azureOf, type Machine } from "../simulated-cloud.ts";

const inService = (scene: Scene, wanted = POOL): readonly Machine[] =>
  azureOf(scene)
    .machines()
    .filter(({ group, isInService, state }) => group === wanted && isInService && state === "running");
const leaving = (scene: Scene): readonly Machine[] =>
  azureOf(scene)
    .machines()
    .filter(({ group, isInService, state }) => group === POOL && !isInService && state === "running");

export const takenIn = ({ facts, time }: Scene, { id }: Pick<Machine, "id">, seconds: number): void => {
  facts.takenAt.set(id, [...(facts.takenAt.get(id) ?? []), time.now() + seconds * 1000]);
};

async function setSize(scene: Scene, set: string, by: number): Promise<string | undefined> {
  const { machines, ask } = azureOf(scene);
  const capacity = machines().filter(({ group, isCounted }) => group === set && isCounted).length + by;
  if (capacity < 0 || capacity > 6) return undefined;
  ask("PATCH", set, "", { sku: { capacity } });
  return `${set} is asked to have ${capacity} machines`;
}

async function deleteByName(scene: Scene, victims: readonly Machine[]): Promise<string | undefined> {
  const { ask, instanceOf } = azureOf(scene);
  const instanceIds = victims.flatMap(({ id }) => instanceOf(id)?.instanceId ?? []);
  const [first] = victims;
  if (!first || instanceIds.length === 0) return undefined;
  ask("POST", first.group ?? POOL, "/delete", { instanceIds });
  return `${victims.map(({ id }) => id).join(" and ")}: deleted by name`;
}

/** Does it to one of them, if there is one. */
const toOne =
  (list: (scene: Scene) => readonly Machine[], act: (scene: Scene, one: Machine, name: string) => string): Happening =>
  async (scene, name) => {
    const one = choose(scene, name, list(scene));
    return one && act(scene, one, name);
  };

const evict = (scene: Scene, one: Machine): string => {
  const { cloud, instanceOf, plan } = azureOf(scene);
  const instance = instanceOf(one.id);
  if (instance) cloud.evictSpot(instance);
  takenIn(scene, one, plan.timing.evictionNoticeSeconds);
  return `Spot takes ${one.id} back in half a minute`;
};

/** Whoever is not told of it, since a policy passes it over, must not wait for it either. */
const maintain = (type: "Redeploy" | "Reboot" | "Freeze"): Happening =>
  toOne(inService, (scene, one, name) => {
    const { cloud, instanceOf } = azureOf(scene);
    const seconds = scene.chance.pick(`${name} in`, [300, 900, 1500]);
    const instance = instanceOf(one.id);
    if (!instance) return "";
    const id = cloud.scheduleMaintenance(instance, type, seconds);
    takenIn(scene, one, seconds);
    if (scene.chance.roll(`${name} canceled`) < 0.25)
      scene.time.after(seconds / 2, () => {
        const isWaiting = cloud.scheduledEvents.all().some((one) => one.id === id && one.status === "Scheduled");
        if (isWaiting) cloud.scheduledEvents.cancel(id);
      });
    return `a ${type} of ${one.id} is scheduled in ${seconds} s`;
  });

const waiting = (scene: Scene) =>
  azureOf(scene)
    .cloud.scheduledEvents.all()
    .filter(({ status, scaleSet }) => status === "Scheduled" && scaleSet === POOL);

export const azureHappenings: Readonly<Record<string, Happening>> = {
  "scale in": (scene) => setSize(scene, POOL, -1),
  "scale out": (scene) => setSize(scene, POOL, 1),
  "machine deleted by name": async (scene, name) => {
    const one = choose(scene, name, inService(scene));
    return deleteByName(scene, one ? [one] : []);
  },
  "two machines deleted at once": async (scene) => deleteByName(scene, inService(scene).slice(0, 2)),
  "spot eviction": toOne((scene) => (azureOf(scene).plan.evictionPolicy ? inService(scene) : []), evict),
  "spot eviction during a drain": toOne((scene) => (azureOf(scene).plan.evictionPolicy ? leaving(scene) : []), evict),
  "redeploy scheduled": maintain("Redeploy"),
  "reboot scheduled": maintain("Reboot"),
  "freeze scheduled": maintain("Freeze"),
  "host crashes": toOne(inService, (scene, one) => {
    const { cloud, instanceOf } = azureOf(scene);
    const instance = instanceOf(one.id);
    takenIn(scene, one, 0);
    if (instance) cloud.crashHost(instance);
    return `the host of ${one.id} crashes`;
  }),
  "machine vanishes": toOne(inService, (scene, one) => {
    const { cloud, instanceOf } = azureOf(scene);
    const instance = instanceOf(one.id);
    takenIn(scene, one, 0);
    if (instance) cloud.vanish(instance);
    return `${one.id} vanishes without a word`;
  }),
  "event acknowledged by others": async (scene, name) => {
    const one = choose(scene, name, waiting(scene));
    if (!one) return undefined;
    for (const id of one.resources) takenIn(scene, { id: id.toLowerCase() }, 0);
    azureOf(scene).cloud.scheduledEvents.acknowledge(one.id);
    return `somebody acknowledges the ${one.type} of ${one.resources.join(", ")}`;
  },
  "event told again": async (scene, name) => {
    const one = choose(scene, name, waiting(scene));
    if (!one) return undefined;
    azureOf(scene).cloud.scheduledEvents.republish(one.id);
    return `the ${one.type} of ${one.resources.join(", ")} is told once more`;
  },
  "foreign scale in": (scene) => setSize(scene, STRANGERS, -1),
  "foreign twin deleted": async (scene) => deleteByName(scene, inService(scene, TWINS).slice(0, 1)),
  "foreign maintenance": async (scene) => {
    const { cloud, instanceOf } = azureOf(scene);
    const [one] = [...inService(scene, STRANGERS), ...inService(scene, TWINS)];
    const instance = one && instanceOf(one.id);
    if (!instance) return undefined;
    cloud.scheduleMaintenance(instance, "Redeploy", 600);
    return `a redeploy of ${one.id}, which is not ours, is scheduled`;
  },
};
