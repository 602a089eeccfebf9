/** A pool of cluster "blue" in the local Azure, driven through its provider and the official SDK, one pass at a time. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type LocalAzure, startAzure } from "../../../../infra/local/azure/server.ts";
import type { Clock } from "../../../../infra/local/clock.ts";
import { createAuthority } from "../../../../infra/local/tls.ts";
import type { AzureMachinePool, OrchestrationMode } from "../../../../lib/api/azure/azure-machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import { machineApi } from "../../../../lib/providers/azure/machine-api.ts";
import { makeClients } from "../../../../lib/providers/azure/pool/clients.ts";
import { type AzurePoolSettings, azurePoolProvider } from "../../../../lib/providers/azure/pool/index.ts";
import { parseProviderId } from "../../../../lib/providers/azure/provider-id.ts";
import { terminate } from "../../../../lib/providers/azure/terminate-machine.ts";
import type {
  PoolMember,
  PoolRequest,
  PoolSession,
  PoolSight,
  RolloutWish,
} from "../../../../lib/providers/pool-provider.ts";
import { manualClock } from "../../../support/manual-clock.ts";
import { anAzureCluster, aPoolRequest, type Overrides, POOL, RESOURCE_GROUP } from "./objects.ts";

/** This process trusts it, as NODE_EXTRA_CA_CERTS would have it. */
const authority = createAuthority().then((made) => {
  setDefaultCACertificates([...getCACertificates("default"), made.caPem]);
  return made;
});

export const CLIENT = "66666666-7777-4888-9999-aaaaaaaaaaaa";
const TIMING = { bootSeconds: 5, deleteSeconds: 3, updateSeconds: 1, retryAfterSeconds: 7 };

export type PoolRig = Awaited<ReturnType<typeof startPoolRig>>;

export interface Pass {
  readonly session: PoolSession;
  readonly sight: PoolSight;
}

/** What a management cluster has. */
function objectStore() {
  const objects = new Map<string, KubernetesObject>();
  return {
    put: <T extends KubernetesObject>(kind: string, object: T) => {
      const { namespace = "", name } = object.metadata;
      objects.set(`${kind}/${namespace}/${name}`, object);
    },
    read: async <T extends KubernetesObject>(
      { kind }: Resource,
      { namespace = "", name }: { readonly namespace?: string; readonly name: string },
    ) => objects.get(`${kind}/${namespace}/${name}`) as T | undefined,
  };
}

function doorsTo(azure: LocalAzure, clock: Clock, settings: Partial<AzurePoolSettings>) {
  const { cloud } = azure;
  const credential = azure.credential(CLIENT);
  const access = { scope: "https://management.azure.com/.default", endpoint: azure.endpoint };
  const { compute } = makeClients({ ...access, subscriptionId: cloud.subscriptionId, credential }, () => clock.now());
  const provider = azurePoolProvider({
    credential,
    subscriptionId: cloud.subscriptionId,
    armEndpoint: azure.endpoint,
    authorityHost: azure.loginEndpoint,
    now: () => clock.now(),
    ...settings,
  });
  return { compute, provider };
}

function foreignSet(name: string, location: string, orchestrationMode: OrchestrationMode) {
  const imageReference = { communityGalleryImageId: "/CommunityGalleries/g/Images/i/Versions/1.0.0" };
  return {
    location,
    sku: { name: "Standard_D4s_v5", tier: "Standard", capacity: 1 },
    orchestrationMode,
    ...(orchestrationMode === "Flexible"
      ? { platformFaultDomainCount: 1 }
      : { upgradePolicy: { mode: "Manual" as const } }),
    virtualMachineProfile: { osProfile: { computerNamePrefix: name }, storageProfile: { imageReference } },
  };
}

export async function startPoolRig(settings: Partial<AzurePoolSettings> = {}) {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const azure = await startAzure({ clock, authority: await authority, timing: TIMING });
  const { cloud } = azure;
  const { compute, provider } = doorsTo(azure, clock, settings);
  const { put, read } = objectStore();
  put("AzureCluster", anAzureCluster());
  /** Every machine that runs has a Node that is Ready; whoever is marked goes first. */
  const marked = new Set<string>();
  const unready = new Set<string>();
  const members = async (): Promise<readonly PoolMember[]> =>
    cloud.instances().map((one) => {
      const providerID = cloud.providerIdOf(one);
      const ready = one.state === "Succeeded" && one.power === "running" && !unready.has(providerID);
      return { providerID, ready, marked: marked.has(providerID) };
    });
  const requestOf = (overrides: Overrides = {}): PoolRequest => ({
    ...aPoolRequest(overrides),
    read,
    members,
    now: clock.now(),
  });
  const open = async (overrides: Overrides = {}): Promise<PoolSession> => {
    const opened = await provider.open(requestOf(overrides));
    if ("waiting" in opened) throw new Error(`the pool waits: ${JSON.stringify(opened.waiting)}`);
    return opened;
  };
  const look = async (overrides: Overrides = {}): Promise<Pass> => {
    const session = await open(overrides);
    return { session, sight: await session.observe() };
  };
  const takeOut = async (providerID: string, decrement = true): Promise<void> => {
    const id = parseProviderId(providerID);
    if (id) await terminate(machineApi(compute), id, decrement);
  };
  const named = (): string[] =>
    cloud
      .instances()
      .map((one) => one.name)
      .sort();
  /** Of that name, without any tag of a cluster. */
  const makeForeignSet = async (name: string, orchestrationMode: OrchestrationMode = "Uniform") => {
    const foreign = foreignSet(name, cloud.location, orchestrationMode);
    await compute.virtualMachineScaleSets.createOrUpdate(RESOURCE_GROUP, name, foreign).submitted();
    clock.advance(60);
  };
  return {
    azure,
    cloud,
    clock,
    makeForeignSet,
    compute,
    provider,
    put,
    marked,
    unready,
    members,
    requestOf,
    open,
    look,
    takeOut,
    named,
    /** The set as it is kept, or nothing. */
    set: (name = POOL) => cloud.scaleSets().find((one) => one.name === name && one.group === RESOURCE_GROUP),
    /** "write", "read" ... of scale sets and machines, newest last. */
    calls: (verb: string) => azure.calls.filter(({ what }) => what.endsWith(verb)).map(({ what }) => what),
    close: () => azure.close(),
  };
}

export const condition = ({ session, sight }: Pass, type: string) =>
  session.say(sight, undefined).conditions.find((one) => one.type === type);

/** As pool-step writes it: what was said becomes the pool's own. */
export const statusSaid = ({ session, sight }: Pass): AzureMachinePool["status"] =>
  session.say(sight, undefined).status;

export interface Story {
  /** What each pass did, oldest first. */
  readonly did: readonly string[];
  readonly status: AzureMachinePool["status"];
}

const PASS_SECONDS = 15;

/** Those that go have a record until they are gone. */
const leavingOf = ({ cloud }: PoolRig): RolloutWish["leaving"] =>
  new Map(
    cloud
      .instances()
      .filter(({ state }) => state === "Deleting")
      .map((one) => [cloud.providerIdOf(one), { record: "open" }]),
  );

/**
 * Passes as pool-step makes them, drains that take no time included, until nothing is left to be done.
 * @param onPass  sees every pass: what is promised must hold at each
 */
export async function passes(
  rig: PoolRig,
  overrides: Overrides = {},
  onPass: (pass: Pass) => void = () => {},
): Promise<Story> {
  const did: string[] = [];
  let { status } = overrides;
  for (let quiet = 0, turn = 0; quiet < 3; turn++) {
    if (turn > 200) throw new Error(`no end of passes: ${did.join(", ")}`);
    const pass = await rig.look({ ...overrides, ...(status && { status }) });
    onPass(pass);
    const done = await onePass(rig, pass, overrides);
    if (done) did.push(done);
    status = statusSaid(pass);
    quiet = done || pass.sight.group?.busySeconds !== undefined ? 0 : quiet + 1;
    rig.clock.advance(PASS_SECONDS);
  }
  return { did, status };
}

async function onePass(rig: PoolRig, { session, sight }: Pass, overrides: Overrides): Promise<string | undefined> {
  const change = session.nextChange(sight);
  if (change) {
    await session.apply(change);
    return change.do;
  }
  const { group } = sight;
  if (!group || group.busySeconds !== undefined) return undefined;
  const wish = {
    replicas: overrides.replicas ?? 3,
    externallyManaged: overrides.managedBy !== undefined,
    leaving: leavingOf(rig),
  };
  const step = session.rollout?.(sight, wish);
  if (!step) return undefined;
  if (step.desired !== group.desired) {
    await session.scale(sight, step.desired);
    return `scale ${step.desired}`;
  }
  const [first] = step.victims;
  if (!first) return undefined;
  await rig.takeOut(first, step.decrement);
  return `remove ${rig.provider.kind.instanceIdOf(first)}`;
}
