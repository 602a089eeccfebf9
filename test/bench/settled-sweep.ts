/** What a sweep of a settled pool costs, and that it does not grow with its Nodes. */
import type { BenchRig } from "./local-rig.ts";
import { counted, type Row } from "./row.ts";

const SWEEPS = 3;
const isWrite = ({ what }: { readonly what: string }) =>
  /^(POST|PUT|PATCH|DELETE) (?!selfsubject)/.test(what) || /^(Complete|Record|Send|Terminate|Update|Set)/.test(what);

/** @returns calls per sweep and writes of three sweeps */
export async function sweepOnce(rig: BenchRig): Promise<{ readonly callsPerSweep: number; readonly writes: number }> {
  const mark = rig.mark();
  await rig.pass(SWEEPS * 60);
  const sweeps = mark.invocations().filter((one) => one.function === "overdue-swept");
  if (sweeps.length !== SWEEPS) throw new Error(`${sweeps.length} sweeps in ${SWEEPS} minutes`);
  const calls = sweeps.reduce((total, one) => total + one.calls, 0);
  return { callsPerSweep: calls / SWEEPS, writes: mark.calls().filter(isWrite).length };
}

/** @param small, large  the same pool with few and with many Nodes */
export const sweepRows = (
  small: Awaited<ReturnType<typeof sweepOnce>>,
  large: Awaited<ReturnType<typeof sweepOnce>>,
  nodes: number,
): readonly Row[] => [
  counted("sweep of a settled pool: writes", small.writes + large.writes, 0, "writes"),
  counted(`sweep of a settled pool of ${nodes} Nodes: calls`, large.callsPerSweep, small.callsPerSweep, "calls"),
];
