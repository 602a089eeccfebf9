/** Makes a failing run short: leaves out troubles and happenings, many at once and then one by one, while the same promise still breaks. */
import { type RunResult, runSeed } from "./run.ts";

export interface Shrunk {
  readonly result: RunResult;
  /** What has to happen for it; ids of strikes. */
  readonly needed: readonly string[];
  readonly runs: number;
}

const MOST_RUNS = 300;

/** @param failed a run that broke a promise */
export async function shrink(failed: RunResult): Promise<Shrunk> {
  const what = failed.violation?.what;
  let needed = failed.strikes.map(({ id }) => id);
  let result = failed;
  let runs = 0;
  const failsWith = async (ids: readonly string[]): Promise<boolean> => {
    if (runs >= MOST_RUNS) return false;
    runs++;
    const tried = await runSeed(failed.seed, { only: new Set(ids) });
    if (tried.violation?.what !== what) return false;
    result = tried;
    // What did not strike in this shorter run is not needed either.
    const struck = new Set(tried.strikes.map(({ id }) => id));
    needed = ids.filter((id) => struck.has(id));
    return true;
  };
  for (let size = Math.ceil(needed.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < needed.length; ) {
      const fewer = [...needed.slice(0, start), ...needed.slice(start + size)];
      if (!(await failsWith(fewer))) start += size;
    }
  }
  return { result, needed, runs };
}
