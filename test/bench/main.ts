/** `npm run bench`: our numbers beside their budgets; ends with 1 when a count is over its budget, never for a time. */
import { packagedService } from "../packaging/packaged-service.ts";
import { auditRows } from "./audit-batch.ts";
import { azureBundleRows } from "./azure-bundles.ts";
import { azurePoolRows } from "./azure-pools.ts";
import { bundleRows } from "./bundles.ts";
import { burstRows, INSTANCES } from "./burst.ts";
import { drainRows } from "./drain-calls.ts";
import { fullPoolRows } from "./full-pool.ts";
import { startBenchRig } from "./local-rig.ts";
import { nodeRows } from "./node-pages.ts";
import { drawRows, type Row } from "./row.ts";
import { sweepOnce, sweepRows } from "./settled-sweep.ts";

let broken = 0;
function show(title: string, rows: readonly Row[]): void {
  broken += rows.filter(({ verdict }) => verdict === "BROKEN").length;
  process.stdout.write(`\n${title}\n${drawRows(rows, process.stdout.isTTY)}\n`);
}

async function local(): Promise<void> {
  const rig = await startBenchRig();
  try {
    show("one drain", await drainRows(rig));
    const small = await sweepOnce(rig);
    await rig.growTo(INSTANCES);
    show("settled pools", sweepRows(small, await sweepOnce(rig), INSTANCES));
    show("a hundred at once", await burstRows(rig));
  } finally {
    await rig.stop();
  }
}

show("audit events", auditRows());
await local();
show("pools without a controller", await fullPoolRows());
show("pools on Azure", await azurePoolRows());
const service = await packagedService();
try {
  show("node-step", await nodeRows(service));
  show("bundles on AWS", bundleRows(service));
} finally {
  await service.remove();
}
show("bundles on Azure", await azureBundleRows());
if (broken > 0) {
  process.stderr.write(`\n${broken} count(s) over budget\n`);
  process.exitCode = 1;
}
