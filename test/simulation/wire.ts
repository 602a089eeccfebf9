/** Between our functions and everything else: each call takes its time and may be refused, lost, late, or the last of its pass. */
import type { Chance } from "./chance.ts";
import type { Pass } from "./pass.ts";
import type { Time } from "./time.ts";

export type Place = "management" | "workload" | "cloud" | "queue";

export interface Call {
  readonly pass: Pass;
  readonly to: Place;
  /** "PATCH /api/v1/nodes/a", "CompleteLifecycleAction" ... */
  readonly what: string;
  /** Which troubles may befall it. */
  readonly risk: Risk;
}

export type Risk = "read" | "create" | "patch" | "cloud" | "queue";

/** What a place says when it does not do what it was asked. */
export interface Refusals<Answer> {
  /** Kind of trouble -> the answer, which may be thrown. */
  readonly answers: Readonly<Record<string, () => Answer>>;
  /** No answer at all. */
  unanswered(): Error;
}

export interface Wire {
  send<Answer>(call: Call, refusals: Refusals<Answer>, effect: () => Answer | Promise<Answer>): Promise<Answer>;
  /** Nobody answers there. */
  readonly away: Set<Place>;
}

export interface WireOptions {
  readonly time: Time;
  readonly chance: Chance;
  /** Troubles, each with its rate. */
  readonly rates: Readonly<Record<Risk, Readonly<Record<string, number>>>>;
  readonly onHurt: (call: Call, trouble: string) => void;
}

/** What the client waits for at the most (lib/kubernetes/rest-client.ts). */
const PATIENCE_SECONDS = 10;
const LATE_SECONDS = 12;
const REFUSED_SECONDS = 0.02;

/** After these the effect is there although the caller was told otherwise; the answer follows the words. */
export const DONE_ALL_THE_SAME = " after the effect";

export function createWire({ time, chance, rates, onHurt }: WireOptions): Wire {
  const away = new Set<Place>();

  const send = <Answer>(call: Call, refusals: Refusals<Answer>, effect: () => Answer | Promise<Answer>) => {
    const { pass, to } = call;
    const name = `${pass.label}.${++pass.calls}`;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (pass.dead) return promise;
    const answered = (give: () => void) => () => {
      if (!pass.dead) give();
    };
    const later = (seconds: number, run: () => void | Promise<void>) => void time.after(seconds, run);
    const unanswered = () => answered(() => reject(refusals.unanswered()));
    const refuse = (trouble: string) =>
      answered(() => {
        try {
          resolve(refusals.answers[trouble]?.() ?? Promise.reject(refusals.unanswered()));
        } catch (error) {
          reject(error);
        }
      });
    const arrive = (then: (answer: Answer) => void) => async () => {
      try {
        const answer = await effect();
        then(answer);
      } catch (error) {
        answered(() => reject(error))();
      }
    };
    const trip = 0.004 + chance.roll(`${name} trip`) * 0.05;
    const deliver = (seconds: number) =>
      later(
        seconds / 2,
        arrive((answer) =>
          later(
            seconds / 2,
            answered(() => resolve(answer)),
          ),
        ),
      );

    if (away.has(to)) {
      pass.hurt = true;
      later(chance.roll(`${name} away`) < 0.5 ? REFUSED_SECONDS : PATIENCE_SECONDS, unanswered());
      return promise;
    }
    const trouble = chance.strike(name, rates[call.risk]);
    if (trouble === undefined) {
      deliver(trip);
      return promise;
    }
    pass.hurt = true;
    onHurt(call, trouble);
    const wire: Readonly<Record<string, () => void>> = {
      "dies before": () => later(trip / 2, () => pass.die()),
      "dies after": () =>
        later(
          trip / 2,
          arrive(() => pass.die()),
        ),
      "no answer": () => later(PATIENCE_SECONDS, unanswered()),
      "answer lost": () => {
        later(
          trip / 2,
          arrive(() => {}),
        );
        later(PATIENCE_SECONDS, unanswered());
      },
      "arrives late": () => {
        later(PATIENCE_SECONDS, unanswered());
        later(
          LATE_SECONDS,
          arrive(() => {}),
        );
      },
      slow: () => deliver(0.5 + chance.roll(`${name} slow`) * 9),
    };
    const own = wire[trouble];
    if (own) own();
    else if (trouble.endsWith(DONE_ALL_THE_SAME)) later(trip / 2, arrive(refuse(trouble)));
    else later(trip, refuse(trouble));
    return promise;
  };
  return { send, away };
}
