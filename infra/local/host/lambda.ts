/** One function as its platform runs it: sandboxes, cold starts, limited concurrency, timeout, and a record of every invocation. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { type Inside, runInside } from "./sandbox.ts";

export interface LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
}
export type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

export interface Invocation {
  readonly function: string;
  readonly requestId: string;
  readonly at: Date;
  /** Real time, also on a virtual clock. */
  readonly durationMilliseconds: number;
  readonly cold: boolean;
  readonly outcome: "ok" | "failed" | "timed-out" | "killed";
  readonly error?: string;
  /** Requests it began. */
  readonly calls: number;
  /** Lines it wrote; JSON lines are parsed. */
  readonly logs: readonly unknown[];
}

export class InvocationError extends Error {
  override readonly name = "InvocationError";
  readonly kind: "throttled" | "failed";
  constructor(kind: "throttled" | "failed", message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** A request that an invocation is about to send. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** 1: its first. */
  readonly number: number;
}

export interface LambdaSettings {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number;
  /** At the same time in one sandbox; Lambda's 1 is the default. */
  readonly invocationsPerSandbox?: number;
  readonly coldStartSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** A new sandbox's handler. */
  readonly load: () => Promise<Handler>;
  /** Asked as an invocation begins: before which of its requests it dies; undefined: it lives. */
  readonly diesBefore: (name: string) => ((call: Outgoing) => boolean) | undefined;
  readonly record: (invocation: Invocation) => void;
}

export interface Lambda {
  readonly name: string;
  /** Waits for the answer, as a synchronous invocation does. Throws InvocationError. */
  invoke(event: unknown): Promise<unknown>;
}

/** Default quota of an account, shared in AWS; here each function has it for itself. */
const UNRESERVED_CONCURRENCY = 1_000;

interface Ending {
  readonly outcome: Invocation["outcome"];
  readonly value?: unknown;
  /** For people. */
  readonly error?: string;
  readonly cause?: unknown;
}

const failed = (cause: unknown): Ending => ({
  outcome: "failed",
  error: cause instanceof Error ? `${cause.name}: ${cause.message}` : "something that is no Error was thrown",
  cause,
});

const parseLines = (text: string): readonly unknown[] =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        return line;
      }
    });

/** Watches one invocation from outside: what it wrote, how often it called, and whether it still lives. */
function watch(settings: LambdaSettings, clock: Clock) {
  const diesBefore = settings.diesBefore(settings.name);
  const seen = { text: "", calls: 0, dead: false };
  let kill: (ending: Ending) => void = () => {};
  const killed = new Promise<Ending>((resolve) => {
    kill = resolve;
  });
  const inside: Inside = {
    environment: settings.environment,
    now: () => clock.now(),
    write: (text) => {
      if (!seen.dead) seen.text += text;
    },
    mayCall: ({ method, path }) => {
      if (!seen.dead && diesBefore?.({ method, path, number: seen.calls + 1 })) {
        seen.dead = true;
        kill({ outcome: "killed", error: `killed before request ${seen.calls + 1}: ${method} ${path}` });
      }
      if (!seen.dead) seen.calls++;
      return !seen.dead;
    },
  };
  return { inside, killed, seen };
}

/** Real time: an invocation holds the virtual clock, so only a real timer can end one that hangs. */
function timeout(seconds: number) {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Ending>((resolve) => {
    const error = `Task timed out after ${seconds} seconds`;
    timer = setTimeout(() => resolve({ outcome: "timed-out", error }), seconds * 1000);
  });
  return { over, stop: () => clearTimeout(timer) };
}

async function runOnce(
  settings: LambdaSettings,
  clock: Clock,
  run: { handler: Handler; cold: boolean; event: unknown },
) {
  const release = clock.hold();
  const [requestId, at, started] = [randomUUID(), clock.now(), performance.now()];
  const elapsed = () => performance.now() - started;
  const { inside, killed, seen } = watch(settings, clock);
  const limit = timeout(settings.timeoutSeconds);
  const context: LambdaContext = {
    awsRequestId: requestId,
    functionName: settings.name,
    getRemainingTimeInMillis: () => Math.max(0, settings.timeoutSeconds * 1000 - elapsed()),
  };
  const handled = runInside(inside, async () => run.handler(structuredClone(run.event), context)).then(
    (value): Ending => ({ outcome: "ok", value }),
    failed,
  );
  const ending = await Promise.race([handled, killed, limit.over]);
  limit.stop();
  seen.dead = true;
  settings.record({
    function: settings.name,
    requestId,
    at,
    durationMilliseconds: elapsed(),
    cold: run.cold,
    outcome: ending.outcome,
    ...(ending.error === undefined ? {} : { error: ending.error }),
    calls: seen.calls,
    logs: parseLines(seen.text),
  });
  release();
  return ending;
}

interface Sandbox {
  readonly handler: Handler;
  running: number;
}

/** Sandboxes that live; one is thrown away when an invocation in it died. */
function sandboxes(load: () => Promise<Handler>, most: number) {
  const living = new Set<Sandbox>();
  return {
    enter: async (): Promise<{ readonly sandbox: Sandbox; readonly cold: boolean }> => {
      const warm = [...living].findLast(({ running }) => running < most);
      const sandbox = warm ?? { handler: await load(), running: 0 };
      living.add(sandbox);
      sandbox.running++;
      return { sandbox, cold: !warm };
    },
    leave: (sandbox: Sandbox, alive: boolean): void => {
      sandbox.running--;
      if (!alive) living.delete(sandbox);
    },
  };
}

export function hostLambda(settings: LambdaSettings, clock: Clock): Lambda {
  let running = 0;

  const coldStart = async (): Promise<Handler> => {
    const { coldStartSeconds } = settings;
    if (coldStartSeconds > 0) await new Promise<void>((resolve) => clock.after(coldStartSeconds, resolve));
    const release = clock.hold();
    const loading: Inside = {
      environment: settings.environment,
      now: () => clock.now(),
      write: () => {},
      mayCall: () => true,
    };
    return runInside(loading, settings.load).finally(release);
  };
  const { enter, leave } = sandboxes(coldStart, settings.invocationsPerSandbox ?? 1);

  const invoke = async (event: unknown): Promise<unknown> => {
    if (running >= (settings.reservedConcurrency ?? UNRESERVED_CONCURRENCY)) {
      throw new InvocationError("throttled", `${settings.name}: all its reserved concurrency is in use`);
    }
    running++;
    try {
      const { sandbox, cold } = await enter();
      const ending = await runOnce(settings, clock, { handler: sandbox.handler, cold, event });
      leave(sandbox, ending.outcome === "ok" || ending.outcome === "failed");
      if (ending.outcome === "ok") return ending.value;
      throw new InvocationError("failed", `${settings.name}: ${ending.error}`, ending.cause);
    } finally {
      running--;
    }
  };
  return { name: settings.name, invoke };
}
