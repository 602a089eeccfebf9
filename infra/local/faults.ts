/** Failures on request: the next so many matching calls are refused, delayed or cut off, before or after they took effect. */
import type { Clock } from "./clock.ts";

export interface Fault {
  /** Of AWS "autoscaling", "ec2", "sqs" ...; of Azure "arm", "servicebus", "login", "identity"; absent: any. */
  readonly service?: string;
  /**
   * "CompleteLifecycleAction"; entries of a batch are calls of their own here ("SendMessage" for SendMessageBatch).
   * Of Azure the action that a role would name: "Microsoft.Compute/virtualMachineScaleSets/write".
   */
  readonly action?: string;
  /** Parameters that must read the same, e.g. { InstanceId: "i-0abc" } or { InstanceIds: "i-0abc" } for a list of one. */
  readonly match?: Readonly<Record<string, unknown>>;
  readonly times: number;
  /** "Throttling", "ValidationError", "AccessDenied", "InternalFailure", "TooManyRequests" ... */
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
  /** Of the refusal, where the protocol has such a header. */
  readonly retryAfterSeconds?: number;
  readonly delaySeconds?: number;
  /** The call takes effect, only its answer is lost. */
  readonly afterEffect?: boolean;
  /** The connection is cut instead of an error. */
  readonly drop?: boolean;
}

/** The connection dies without an answer; whether the call took effect is for the caller to find out. */
export class ConnectionDropped extends Error {
  override readonly name = "ConnectionDropped";
}

/** A promise means that the answer waits for the clock. */
export type Call<Answer> = (parameters: unknown) => Answer | Promise<Answer>;

export interface Faults<Answer> {
  readonly inject: (fault: Fault) => void;
  /** Runs a call with whatever was injected for it. */
  readonly guard: (service: string, name: string, run: Call<Answer>) => Call<Answer>;
}

/** @param refusal the error that this cloud's wire form makes of a fault with a code */
export function createFaults<Answer>(
  clock: Clock,
  refusal: (fault: Fault & { readonly code: string }) => Error,
): Faults<Answer> {
  const active = new Set<{ fault: Fault; left: number }>();

  const take = (service: string, name: string, parameters: unknown): Fault | undefined => {
    const given = new Map(Object.entries(parameters ?? {}));
    const one = [...active].find(
      ({ fault }) =>
        (fault.service ?? service) === service &&
        (fault.action ?? name) === name &&
        Object.entries(fault.match ?? {}).every(([key, value]) => String(given.get(key)) === String(value)),
    );
    if (one && --one.left <= 0) active.delete(one);
    return one?.fault;
  };
  const fail = (fault: Fault) => {
    const { code, drop } = fault;
    if (drop) throw new ConnectionDropped("cut off by an injected fault");
    if (code) throw refusal({ ...fault, code });
  };
  const lose = (fault: Fault, answer: Answer): Answer => {
    if (fault.afterEffect) fail(fault);
    return answer;
  };
  const hurt = (fault: Fault, run: () => Answer | Promise<Answer>) => {
    if (!fault.afterEffect) fail(fault);
    const answer = run();
    if (answer instanceof Promise) return answer.then((late: Answer) => lose(fault, late));
    return lose(fault, answer);
  };

  return {
    inject: (fault) => void active.add({ fault, left: fault.times }),
    guard: (service, name, run) => (parameters) => {
      const fault = take(service, name, parameters);
      if (!fault) return run(parameters);
      const hurtNow = () => hurt(fault, () => run(parameters));
      const { delaySeconds } = fault;
      if (!delaySeconds) return hurtNow();
      return new Promise<void>((resolve) => clock.after(delaySeconds, resolve)).then(hurtNow);
    },
  };
}
