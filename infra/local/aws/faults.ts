/** Failures on request: the next so many matching calls are refused, delayed or cut off, before or after they took effect. */
import type { Clock } from "../clock.ts";
import type { Action, Answer } from "./action.ts";
import { AwsError, ConnectionDropped } from "./errors.ts";

export interface Fault {
  /** "autoscaling", "ec2", "sqs", "events", "secretsmanager", "ssm", "sts"; absent: any. */
  readonly service?: string;
  /** "CompleteLifecycleAction"; entries of a batch are calls of their own here ("SendMessage" for SendMessageBatch). */
  readonly action?: string;
  /** Parameters that must read the same, e.g. { InstanceId: "i-0abc" } or { InstanceIds: "i-0abc" } for a list of one. */
  readonly match?: Readonly<Record<string, unknown>>;
  readonly times: number;
  /** "Throttling", "ValidationError", "AccessDenied", "InternalFailure" ... */
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
  readonly delaySeconds?: number;
  /** The call takes effect, only its answer is lost. */
  readonly afterEffect?: boolean;
  /** The connection is cut instead of an error. */
  readonly drop?: boolean;
}

export interface Faults {
  readonly inject: (fault: Fault) => void;
  /** Runs a call with whatever was injected for it. */
  readonly guard: (service: string, name: string, run: Action) => Action;
}

export function createFaults(clock: Clock): Faults {
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
  const fail = ({ code, status = 400, message, drop }: Fault) => {
    if (drop) throw new ConnectionDropped("cut off by an injected fault");
    if (code) throw new AwsError(code, message ?? `Injected fault ${code}.`, status);
  };
  const lose = (fault: Fault, answer: Answer): Answer => {
    if (fault.afterEffect) fail(fault);
    return answer;
  };
  const hurt = (fault: Fault, run: () => Answer | Promise<Answer>) => {
    if (!fault.afterEffect) fail(fault);
    const answer = run();
    if (answer instanceof Promise) return answer.then((late) => lose(fault, late));
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
