/** What a pass over a MachinePool costs the deployed function as its Nodes grow: calls by pages, time and memory in proportion, no write. */
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { batchOf } from "../clouds/aws/functions/batch.ts";
import type { PackagedService } from "../packaging/packaged-service.ts";
import { at } from "../packaging/template.ts";
import { NAMESPACE, POOL } from "../support/builders.ts";
import { type DeployedFunction, environmentOf, type Measured, startDeployed } from "./deployed-function.ts";
import { type NodeWorld, startNodeWorld } from "./node-world.ts";
import { counted, noted, type Row, timed } from "./row.ts";

const FUNCTION = "pool-continued";
const SIZES = [1_250, 2_500, 5_000];
const PER_PAGE = 500;
/** Nodes, Machines and AWSMachines are listed. */
const LISTS = 3;
/** MachinePool, Cluster, infrastructure pool. */
const OTHER_CALLS = 3;
const MOST_MEGABYTES = 256;
/** Twice the Nodes may take little more than twice the time of our own. */
const PROPORTION = 2.5;
/** The first pass opens connections and compiles; the next ones cost what passes cost. */
const PASSES = 3;
const MOST_PASSES_TO_REST = 20;

export async function nodeRows(service: PackagedService): Promise<readonly Row[]> {
  const world = await startNodeWorld();
  try {
    await settle(service, world, 1);
    const sizes: Sized[] = [];
    for (const size of SIZES) sizes.push(await measure(service, world, size));
    return [...sizes.flatMap(rowsOf(sizes)), furtherRow(sizes, world)];
  } finally {
    await world.close();
  }
}

const LOOK = batchOf([JSON.stringify({ kind: machinePools.kind, namespace: NAMESPACE, name: POOL })]);

async function start({ functions, template }: PackagedService, { environment }: NodeWorld): Promise<DeployedFunction> {
  const found = functions.find(({ name }) => name === FUNCTION);
  if (!found) throw new Error(`the package has no ${FUNCTION}`);
  return startDeployed(found.bundleFile, { ...environmentOf(template, FUNCTION), ...environment });
}

/** What the pass did, in its own words. */
const didOf = ({ logs }: Measured): unknown => logs.map((line) => at(line, "did")).find((did) => did !== undefined);

/** The pool gets its size, and passes follow until one finds nothing to do. */
async function settle(service: PackagedService, world: NodeWorld, size: number): Promise<void> {
  await world.growTo(size);
  const deployed = await start(service, world);
  try {
    const did: unknown[] = [];
    while (did.at(-1) !== "waited") {
      if (did.length >= MOST_PASSES_TO_REST) throw new Error(`the pool does not come to rest: ${did.join(", ")}`);
      did.push(didOf(await deployed.invoke(LOOK)));
    }
  } finally {
    deployed.stop();
  }
}

interface Sized {
  readonly size: number;
  readonly calls: number;
  readonly writes: number;
  readonly cpuMilliseconds: number;
  readonly peakMegabytes: number;
}

async function measure(service: PackagedService, world: NodeWorld, size: number): Promise<Sized> {
  await settle(service, world, size);
  const deployed = await start(service, world);
  try {
    world.calls();
    const passes: Measured[] = [];
    for (let pass = 0; pass < PASSES; pass++) passes.push(await deployed.invoke(LOOK));
    const calls = world.calls();
    const writes = calls.filter(({ what }) => !/^(GET|LIST)/.test(what)).length;
    const { cpuMilliseconds = 0, peakMegabytes = 0 } = passes.at(-1) ?? {};
    return { size, calls: calls.length / PASSES, writes, cpuMilliseconds, peakMegabytes };
  } finally {
    deployed.stop();
  }
}

/** Machines and their infrastructure are kept for a pass, Nodes only in a few words (test/reconcile/node/pages.test.ts). */
function furtherRow(sizes: readonly Sized[], { nodeKilobytes }: NodeWorld): Row {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (!first || !last) throw new Error("nothing was measured");
  const each = ((last.peakMegabytes - first.peakMegabytes) * 1024) / (last.size - first.size);
  const name = `node-step: memory of each further Node with its Machine; its text alone has ${nodeKilobytes.toFixed(1)} KB`;
  return noted(name, `${each.toFixed(1)} KB`);
}

const rowsOf =
  (all: readonly Sized[]) =>
  ({ size, calls, writes, cpuMilliseconds, peakMegabytes }: Sized, index: number): readonly Row[] => {
    const before = all[index - 1];
    const name = `node-step, settled pool of ${size} Nodes`;
    const ratio = before ? cpuMilliseconds / before.cpuMilliseconds : 0;
    const time = `${Math.round(cpuMilliseconds)} ms${before ? `, ${ratio.toFixed(1)} times that of ${before.size}` : ""}`;
    const pages = Math.ceil(size / PER_PAGE) * LISTS;
    return [
      counted(`${name}: writes`, writes, 0, "writes"),
      counted(`${name}: calls`, calls, pages + OTHER_CALLS, "calls"),
      timed(`${name}: CPU time`, time, before ? `<= ${PROPORTION} times` : "", ratio <= PROPORTION),
      counted(`${name}: peak RSS of ${FUNCTION}, alone in its process`, Math.ceil(peakMegabytes), MOST_MEGABYTES, "MB"),
    ];
  };
