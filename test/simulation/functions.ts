/** Our functions as a platform runs them: events and keys arrive at least once or not at all, passes overlap, die and are tried again. */
import type { Key } from "../../lib/api/key.ts";
import type { Trigger } from "../../lib/api/trigger.ts";
import type { Outcome, PoolWorld } from "../../lib/reconcile/step.ts";
import { createBodies } from "./bodies.ts";
import type { Chance } from "./chance.ts";
import type { SimulatedCloud } from "./clouds/simulated-cloud.ts";
import type { FunctionName, Pass } from "./pass.ts";
import { functionFor } from "./pools/passes.ts";
import type { Time } from "./time.ts";
import type { Wire } from "./wire.ts";

export interface FunctionsOptions {
  readonly time: Time;
  readonly chance: Chance;
  readonly wire: Wire;
  readonly worldOf: (pass: Pass) => PoolWorld;
  /** Pools are reconciled too. */
  readonly ownsPools: boolean;
  readonly hintRates: Readonly<Record<string, number>>;
  readonly skewSeconds: number;
  readonly cloud: SimulatedCloud;
  readonly report: Report;
}

export interface Report {
  readonly begun: (pass: Pass) => void;
  /** `outcome` absent: it died, or threw `error`. */
  readonly ended: (pass: Pass, outcome: Outcome | undefined, error: unknown) => void;
  /** A hint that was lost, doubled or came late. */
  readonly hint: (trouble: string, about: string) => void;
}

export interface Functions {
  /** Our functions for these events, and the sweep of every minute. */
  start(): void;
  readonly running: ReadonlySet<Pass>;
  /** Keys and events on their way. */
  waiting(): number;
  /** Puts a key on the queue, where it may get lost. */
  push(key: Key, seconds: number): void;
}

/** One platform keeps its machines' clocks close together. */
const SANDBOX_SKEW_SECONDS = 0.4;
const SWEEP_SECONDS = 60;
const VISIBILITY_SECONDS = 60;
const MOST_RECEIVES = 5;
/** Lambda gives an event that failed two more chances. */
const RETRY_SECONDS = [60, 120];
const QUEUE_REFUSALS = {
  answers: {
    "queue refuses": (): never => {
      throw new Error("injected: the queue refuses");
    },
  },
  unanswered: () => new Error("injected: the queue does not answer"),
};

type Body<T> = (world: PoolWorld, pass: Pass) => Promise<T>;

export function createFunctions(options: FunctionsOptions): Functions {
  const { time, chance, wire, worldOf, report, cloud, ownsPools } = options;
  const running = new Set<Pass>();
  const fleetSkew = (chance.roll("clock functions") * 2 - 1) * options.skewSeconds;
  const counts = new Map<FunctionName, number>();
  let hints = 0;
  let waiting = 0;

  /** @param end  told once, when the pass has ended, thrown or died */
  const invoke = <T>(
    does: FunctionName,
    about: Pick<Pass, "key" | "instanceId">,
    body: Body<T>,
    end: (ok: boolean) => void,
  ) => {
    const number = (counts.get(does) ?? 0) + 1;
    counts.set(does, number);
    const label = `${does}#${number}`;
    const jitter = (chance.roll(`${label} skew`) * 2 - 1) * SANDBOX_SKEW_SECONDS;
    const skewSeconds = options.skewSeconds === 0 ? 0 : fleetSkew + jitter;
    const finish = (outcome: Outcome | undefined, error: unknown) => {
      if (!running.delete(pass)) return;
      pass.endedAt = time.now();
      if (outcome) pass.did = outcome.did;
      report.ended(pass, outcome, error);
      end(error === undefined);
    };
    const pass: Pass = {
      label,
      does,
      ...about,
      startedAt: time.now(),
      skewSeconds,
      calls: 0,
      hurt: false,
      dead: false,
      die: () => {
        pass.dead = true;
        pass.hurt = true;
        finish(undefined, new Error("died"));
      },
    };
    running.add(pass);
    report.begun(pass);
    const work = body(worldOf(pass), pass);
    work.then(
      (value) => finish(value as Outcome, undefined),
      (error: unknown) => finish(undefined, error ?? new Error("something was thrown")),
    );
  };

  /** @param run  gets the attempt, from 1 */
  const travel = (about: string, seconds: number, run: (attempt: number) => void) => {
    const name = `hint ${++hints} ${about}`;
    const trouble = chance.strike(name, options.hintRates);
    const late =
      trouble === "hint delayed" ? 60 + chance.roll(`${name} late`) * chance.pick(`${name} how late`, [300, 7200]) : 0;
    if (trouble) report.hint(trouble, about);
    if (trouble === "hint lost") return;
    const copies = trouble === "hint doubled" ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      waiting++;
      time.after(seconds + late + 0.01 + chance.roll(`${name} copy ${copy}`) * (copy > 0 ? 20 : 0.2), () => {
        waiting--;
        run(1);
      });
    }
  };

  const push = (key: Key, seconds: number) =>
    travel(`key ${key.name}`, Math.min(900, Math.max(0, Math.ceil(seconds))), (attempt) => receive(key, attempt));
  const receive = (key: Key, attempt: number): void => {
    let isDone = false;
    waiting++;
    time.after(VISIBILITY_SECONDS, () => {
      waiting--;
      if (isDone) return;
      if (attempt < MOST_RECEIVES) receive(key, attempt + 1);
      else report.hint("hint set aside", `key ${key.name}`);
    });
    const does = functionFor(key);
    invoke(
      does,
      { key },
      (world, pass) => (does === "drain" ? drain(world, pass, key) : look(world, pass, key)),
      (ok) => {
        isDone = ok;
      },
    );
  };
  const send = (pass: Pass, keys: readonly Key[], seconds: number): Promise<void> =>
    wire.send({ pass, to: "queue", what: "SendMessage", risk: "queue" }, QUEUE_REFUSALS, () => {
      for (const key of keys) push(key, seconds);
    });

  const { drain, look, notice, sweepAll } = createBodies(chance, cloud.kinds, send);

  /** An event of which one instance failed is delivered again as a whole. */
  const handle = (trigger: Trigger, attempt: number): void => {
    const again = (ok: boolean) => {
      const seconds = RETRY_SECONDS[attempt - 1];
      if (ok) return;
      if (seconds === undefined) return report.hint("notice given up", trigger.event);
      waiting++;
      time.after(seconds, () => {
        waiting--;
        handle(trigger, attempt + 1);
      });
    };
    if (trigger.kind === "look" || trigger.kind === "group")
      invoke("look", {}, (world, pass) => notice(world, pass, trigger), again);
    if (trigger.kind !== "leaving") return;
    for (const instance of trigger.instances) {
      const { instanceId } = instance;
      const one = { ...trigger, instances: [instance] };
      invoke("notice", { instanceId }, (world, pass) => notice(world, pass, one), again);
    }
  };
  const read = async (event: unknown, about: string): Promise<void> => {
    const trigger = await cloud.read(event, { receivedAt: new Date(time.now()), ownsPools });
    if (trigger) travel(`event ${about}`, 0, (attempt) => handle(trigger, attempt));
  };

  return {
    running,
    waiting: () => waiting,
    push,
    start: () => {
      cloud.onEvent((event, about) => time.after(0, () => read(event, about)));
      const again = () => {
        invoke("sweep", {}, sweepAll, () => {});
        time.after(SWEEP_SECONDS, again);
      };
      time.after(SWEEP_SECONDS * chance.roll("first sweep"), again);
    },
  };
}
