/** What simulated controllers work with: live copies, "is it time yet", and writes that give way when another was faster. */
import { isDeepStrictEqual } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { At, DeleteOptions, KubernetesClient, Subresource } from "../../../lib/kubernetes/client.ts";
import { KubernetesError, type KubernetesErrorKind } from "../../../lib/kubernetes/errors.ts";
import type { Clock } from "../clock.ts";
import { type Informer, startInformer } from "./informer.ts";

export interface World {
  readonly clock: Clock;
  /** A snapshot of the live copy; empty when the server does not serve the resource. */
  list<T extends KubernetesObject>(resource: Resource): readonly T[];
  serves(resource: Resource): boolean;
  /** Whether `seconds` have passed since `what` was first asked about; when not, everybody looks again at that time. */
  due(what: string, seconds: number): boolean;
  /** Writes answer undefined when they were refused: what they wanted is looked at again after the next change. */
  create<T extends KubernetesObject>(resource: Resource, body: T): Promise<T | undefined>;
  patch<T extends KubernetesObject>(resource: Resource, to: T, body: object, sub?: Subresource): Promise<T | undefined>;
  /** Merges `status` into the object's; no write when it says so already. */
  setStatus<T extends KubernetesObject>(resource: Resource, to: T, status: Record<string, unknown>): Promise<void>;
  /** Deletes this very object (uid precondition). */
  remove(resource: Resource, object: KubernetesObject, options?: DeleteOptions): Promise<void>;
  /** POST to a subresource; false when refused. */
  post(resource: Resource, to: KubernetesObject, sub: Subresource, body: object): Promise<boolean>;
}

/** Looks at the whole world and writes what is missing; runs again after every change, so it must write nothing twice. */
export type Controller = (world: World) => Promise<void>;

export interface WorldOptions {
  readonly clock: Clock;
  readonly kubeconfig: KubeConfig;
  readonly client: KubernetesClient;
  readonly resources: readonly Resource[];
  readonly onProblem: (message: string) => void;
}

/** Somebody else was faster: the change that beat us is on its way to us. */
const LOST_RACE: readonly KubernetesErrorKind[] = ["conflict", "not-found", "already-exists"];
const isLostRace = ({ kind, causes }: KubernetesError) =>
  LOST_RACE.includes(kind) || causes.some(({ reason }) => reason === "NamespaceTerminating");
const RETRY_SECONDS = 2;

const idOf = ({ apiVersion, plural }: Resource) => `${apiVersion}/${plural}`;
const atOf = ({ metadata: { namespace, name } }: KubernetesObject): At => ({ name, ...(namespace && { namespace }) });
/** API servers leave zeros and empty lists out. */
const says = (status: Record<string, unknown>, key: string, want: unknown) =>
  isDeepStrictEqual(status[key] ?? (typeof want === "number" ? 0 : Array.isArray(want) ? [] : undefined), want);

/** Runs the controllers one after another until nothing changes any more; time stands still meanwhile. */
function pump(clock: Clock, runAll: () => Promise<void>) {
  let changed = false;
  let running: Promise<void> | undefined;
  let closed = false;
  const run = async (): Promise<void> => {
    const release = clock.hold();
    try {
      while (changed && !closed) {
        changed = false;
        await runAll();
      }
    } finally {
      running = undefined;
      release();
    }
  };
  return {
    trigger: (): void => {
      changed = true;
      if (!closed) running ??= run();
    },
    close: async (): Promise<void> => {
      closed = true;
      await running;
    },
  };
}

/** Remembers when each question was first asked, and wakes everybody when its time has come. */
function patience(clock: Clock, wake: () => void) {
  const since = new Map<string, number>();
  const planned = new Map<string, () => void>();
  const due = (what: string, seconds: number): boolean => {
    const start = since.get(what) ?? clock.now().getTime();
    since.set(what, start);
    const left = start / 1000 + seconds - clock.now().getTime() / 1000;
    if (left <= 0) return true;
    const plan = `${what} ${seconds}`;
    const ring = () => {
      planned.delete(plan);
      wake();
    };
    if (Number.isFinite(left) && !planned.has(plan)) planned.set(plan, clock.after(left, ring));
    return false;
  };
  const close = () => {
    for (const cancel of planned.values()) cancel();
  };
  return { due, close };
}

/** The writes of a World: their answers go into the copies at once, refusals are told apart. */
function writer(options: WorldOptions, informers: ReadonlyMap<string, Informer>, trigger: () => void) {
  const { client, clock, onProblem } = options;
  const attempt = async <T>(what: string, call: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (isLostRace(error)) return undefined;
      onProblem(`${what}: ${error.message}`);
      clock.after(RETRY_SECONDS, trigger);
      return undefined;
    }
  };
  const write = async <T extends KubernetesObject>(what: string, resource: Resource, call: () => Promise<T>) => {
    const answer = await attempt(`${what} ${resource.plural}`, call);
    if (answer && informers.get(idOf(resource))?.observe(answer)) trigger();
    return answer;
  };
  const patch: World["patch"] = (resource, to, body, sub) =>
    write("patch", resource, () => client.patch(resource, atOf(to), { type: "merge", body }, sub));
  return {
    patch,
    post: (async (resource, to, sub, body) => {
      const call = () => client.createSubresource(resource, atOf(to), sub, body).then(() => true);
      return (await attempt(`${sub} ${resource.plural}`, call)) ?? false;
    }) satisfies World["post"],
    create: (<T extends KubernetesObject>(resource: Resource, body: T) =>
      write("create", resource, () => client.create(resource, body))) satisfies World["create"],
    setStatus: (async (resource, to, status) => {
      const have = (to as { status?: Record<string, unknown> }).status ?? {};
      if (Object.keys(status).every((key) => says(have, key, status[key]))) return;
      const { resourceVersion } = to.metadata;
      await patch(resource, to, { metadata: { resourceVersion }, status }, "status");
    }) satisfies World["setStatus"],
    remove: (async (resource, object, more) => {
      const { uid } = object.metadata;
      const precondition = { ...(uid && { uid }), ...more };
      await attempt(`delete ${resource.plural}`, () => client.delete(resource, atOf(object), precondition));
    }) satisfies World["remove"],
  };
}

/** @returns the world, and what ends it: no write starts after `close` */
export async function startWorld(options: WorldOptions, controllers: readonly Controller[]) {
  const { clock, resources } = options;
  const informers = new Map<string, Informer>();
  const engine = pump(clock, async () => {
    for (const controller of controllers) await controller(world);
  });
  const time = patience(clock, engine.trigger);
  const world: World = {
    clock,
    list: <T extends KubernetesObject>(resource: Resource) => (informers.get(idOf(resource))?.items() ?? []) as T[],
    serves: (resource) => informers.has(idOf(resource)),
    due: time.due,
    ...writer(options, informers, engine.trigger),
  };
  let complete = false;
  const onChange = () => complete && engine.trigger();
  for (const resource of resources) {
    const informer = await startInformer(resource, { ...options, onChange });
    if (informer) informers.set(idOf(resource), informer);
  }
  complete = true;
  engine.trigger();
  const close = async (): Promise<void> => {
    time.close();
    await engine.close();
    for (const informer of informers.values()) informer.close();
  };
  return { world, trigger: engine.trigger, close };
}
