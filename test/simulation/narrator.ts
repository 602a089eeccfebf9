/** The lines of a story, with the virtual time in front; costs nothing when nobody reads them. */
import type { Answer } from "../../infra/local/kubernetes/api.ts";
import type { Outcome } from "../../lib/reconcile/step.ts";
import type { CloudRequest } from "./clouds/simulated-cloud.ts";
import type { Pass } from "./pass.ts";
import type { Asked, Change } from "./servers.ts";
import type { Time } from "./time.ts";

export interface Narrator {
  readonly tell: (line: string) => void;
  readonly changed: (change: Change) => void;
  readonly answered: (pass: Pass, request: Asked, answer: Answer) => void;
  readonly cloudAsked: (pass: Pass, request: CloudRequest) => void;
  readonly begun: (pass: Pass) => void;
  readonly ended: (pass: Pass, outcome: Outcome | undefined, error: unknown) => void;
}

/** What changes with every step of the controllers and says nothing to people. */
const DULL = ["poddisruptionbudgets", "awsmachinepools", "azuremachinepools", "machinepools"];

/** @param from milliseconds; what happens before is not told */
export function createNarrator(time: Time, from: number, onLine: ((line: string) => void) | undefined): Narrator {
  const tell = (line: string) => {
    if (time.now() >= from) onLine?.(`${new Date(time.now()).toISOString().slice(11, 23)}  ${line}`);
  };
  const whenRead =
    <Parts extends unknown[]>(line: (...parts: Parts) => string | undefined) =>
    (...parts: Parts) => {
      const text = onLine && line(...parts);
      if (text !== undefined) tell(text);
    };
  return {
    tell,
    changed: whenRead(changeLine),
    answered: whenRead((pass, { method, path, body }, { code }) => {
      const sent = method === "PATCH" ? ` ${body}` : "";
      return `    ${pass.label}: ${method} ${path.replace(/\?.*/, "")} -> ${code}${sent}`;
    }),
    cloudAsked: whenRead((pass, { action, input, isDone }) => {
      const named = input.InstanceId ?? input.about;
      const about = typeof named === "string" ? ` ${named}` : "";
      return `    ${pass.label}: ${action}${about} -> ${isDone ? "done" : "refused"}`;
    }),
    begun: whenRead(
      ({ label, key, instanceId }) => `  ${[`${label} begins`, key?.name, instanceId].filter(Boolean).join(": ")}`,
    ),
    ended: whenRead(
      ({ label }, outcome, error) => `  ${label} ends: ${outcome ? outcomeText(outcome) : String(error)}`,
    ),
  };
}

function outcomeText({ did, because, againSeconds }: Outcome): string {
  const why = because === undefined ? "" : ` (${because})`;
  return `${did}${why}${againSeconds === undefined ? "" : `, again in ${againSeconds} s`}`;
}

function changeLine({ by, plural, before, after }: Change): string | undefined {
  if (DULL.includes(plural)) return undefined;
  const verb = before ? (after ? "changed" : "gone") : "made";
  const { name, deletionTimestamp } = (after ?? before)?.metadata ?? { name: "" };
  const more = deletionTimestamp !== undefined && after ? " (leaving)" : "";
  return `      ${plural} ${name} ${verb}${more} by ${typeof by === "string" ? by : by.label}`;
}
