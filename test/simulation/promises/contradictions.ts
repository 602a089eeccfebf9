/** P3 on the cloud: two passes that ran beside each other over the same world never write opposite things to it. */
import type { Pass } from "../pass.ts";
import type { Change } from "../servers.ts";
import type { Court } from "./court.ts";

interface Written {
  readonly pass: Pass;
  readonly at: number;
  readonly value: string;
}

/** What a request makes true: subject -> value. */
export type Claims = readonly (readonly [subject: string, value: string])[];

export interface Contradictions {
  /** Whatever a pass of pools does not do itself is a reason to think otherwise. */
  readonly hear: (change: Change) => void;
  readonly cloudDid: (pass: Pass, claims: Claims) => void;
}

interface Site {
  /** Milliseconds. */
  readonly now: () => number;
  /** Passes may be shown what is no longer true. */
  readonly isShownLate: () => boolean;
  readonly broken: Court["broken"];
}

export function createContradictions({ now, isShownLate, broken }: Site): Contradictions {
  const last = new Map<string, Written>();
  let changedAt = 0;
  const isBeside = (pass: Pass, { pass: other, at }: Written) => other !== pass && pass.startedAt < at;
  return {
    hear: ({ by, server }) => {
      const isOurs = typeof by !== "string" && by.does === "pool";
      if (server === "management" && !isOurs) changedAt = now();
    },
    cloudDid: (pass, claims) => {
      if (pass.does !== "pool") {
        changedAt = now();
        return;
      }
      for (const [subject, value] of claims) {
        const before = last.get(subject);
        last.set(subject, { pass, at: now(), value });
        if (!before || before.value === value || !isBeside(pass, before) || isShownLate()) continue;
        if (changedAt < Math.min(pass.startedAt, before.pass.startedAt))
          broken(
            "P3",
            "two passes beside each other write opposite things to the cloud",
            `${subject}: ${before.pass.label} ${before.value}, ${pass.label} ${value}`,
          );
      }
    },
  };
}
