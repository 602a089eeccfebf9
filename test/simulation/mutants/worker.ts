/** A thread in which one source is loaded with its planted bug; runs seeds until one of them breaks a promise. */
import { registerHooks } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { Caught, Planted } from "./hunt.ts";

const { mutant, from, seeds } = workerData as Planted;
let isPlanted = false;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${mutant.file}`)) return loaded;
    isPlanted = true;
    return {
      ...loaded,
      source: mutant.changes.reduce(change, Buffer.from(loaded.source as Uint8Array).toString("utf8")),
    };
  },
});

function change(text: string, [before, after]: readonly [string, string]): string {
  const parts = text.split(before);
  if (parts.length === 2) return parts.join(after);
  throw new Error(
    `${mutant.file} contains ${parts.length - 1} times, not once: ${before}: adapt test/simulation/mutants/list.ts`,
  );
}

const { runSeed } = await import("../run.ts");
if (!isPlanted) throw new Error(`${mutant.file} was not loaded: nothing was planted`);

async function hunt(): Promise<Caught> {
  for (let tried = 0; tried < seeds; tried++) {
    const { violation } = await runSeed(from + tried);
    if (violation) return { seed: from + tried, violation };
  }
  return {};
}
parentPort?.postMessage(await hunt());
