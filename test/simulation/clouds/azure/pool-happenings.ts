/** What befalls a scale set of ours, beside what befalls pools of any cloud. */
import { commonPoolHappenings, editPool, rewriteSecret } from "../../pools/happenings.ts";
import { bootstrapData } from "../../pools/objects.ts";
import { POOL } from "../../scene.ts";
import type { Happening } from "../../world/cloud-happenings.ts";
import { azureOf } from "../simulated-cloud.ts";

const SIZES = ["Standard_D4s_v5", "Standard_D8s_v5", "Standard_D2s_v5"] as const;
const ACTIONS = ["write", "delete/action", "write"] as const;
const CODES = ["AllocationFailed", "InternalExecutionError", "OperationPreempted"] as const;
const TYPE = "Microsoft.Compute/virtualMachineScaleSets";

/** Never the same twice within half an hour. */
const newSize = (milliseconds: number): number => 100 + (Math.floor(milliseconds / 1000) % 1900);

export const azurePoolHappenings: Readonly<Record<string, Happening>> = {
  ...commonPoolHappenings,
  "template edited": editPool(
    ({ chance, time }, name) => ({
      template: { vmSize: chance.pick(`${name} size`, SIZES), osDisk: { diskSizeGB: newSize(time.now()) } },
      additionalTags: { edition: name },
    }),
    "the size and disk of the pool's machines change",
    true,
  ),
  // What machines begin with is Azure's secret: it reaches those that are made later, and rolls none.
  "bootstrap content changes": rewriteSecret((next) => bootstrapData(next, next), "the bootstrap data change", false),
  "tags edited": editPool((_, name) => ({ additionalTags: { edition: name } }), "the pool's tags change", false),
  "foreign tag added": async (scene) => {
    const { ask, cloud } = azureOf(scene);
    const tags = cloud.scaleSets().find(({ name }) => name === POOL)?.tags;
    if (!tags) return undefined;
    ask("PATCH", POOL, "", { tags: { ...tags, "cost-centre": "1234" } });
    scene.facts.foreignTags.add("cost-centre");
    return "another team tags the scale set";
  },
  "operation fails at its end": async (scene, name) => {
    const { chance } = scene;
    const action = `${TYPE}/${chance.pick(`${name} action`, ACTIONS)}`;
    const code = chance.pick(`${name} code`, CODES);
    azureOf(scene).cloud.failLater({ action, times: 1, code, message: `injected: ${code}` });
    return `the next ${action} is accepted and fails with ${code}`;
  },
  "no capacity": async (scene, name) => {
    const { stock } = azureOf(scene);
    const seconds = scene.chance.pick(`${name} for`, [120, 900]);
    stock.runOut();
    scene.time.after(seconds, stock.restore);
    return `nothing can be launched for ${seconds} s`;
  },
};
