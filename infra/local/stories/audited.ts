/** On real API servers: their own audit webhook tells our function of every write, and in whose name it was made. */
import { z } from "zod";
import type { LocalBase } from "../local-cloud.ts";
import type { Promised } from "../verdict.ts";

const line = z.looseObject({ did: z.literal("queued"), counted: z.record(z.string(), z.number()) });

/** What the function counted, over all batches. */
function totals(batches: LocalBase["host"]["invocations"]): (name: string) => number {
  const counts = batches.flatMap(({ logs }) =>
    logs.flatMap((log) => {
      const { data } = line.safeParse(log);
      return data ? [data.counted] : [];
    }),
  );
  return (name) => counts.reduce((sum, counted) => sum + (counted[name] ?? 0), 0);
}

/** @param leads whether the story needs the hints of others' writes: those of pools do, drains begin with the cloud's events */
export function audited({ host }: Pick<LocalBase, "host">, leads: boolean): Promised {
  const batches = host.invocations.filter(({ function: name }) => name === "audit-received");
  const taken = batches.filter(({ outcome }) => outcome === "ok").length;
  const count = totals(batches);
  const [hints, own] = [count("auditEventsHint"), count("auditEventsOwn")];
  return {
    promise: "the API server's own audit webhook reached audit-received, and our own writes start no pass",
    seen: `${taken} of ${batches.length} batches taken; ${hints} hints, ${own} writes of our own`,
    kept: batches.length > 0 && taken === batches.length && own > 0 && (hints > 0 || !leads),
  };
}
