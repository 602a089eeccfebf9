/** Bugs planted in what only younger seeds bring about: volumes, dry runs, hooks of others. */
import { FIRST_RICH_SEED } from "../rich.ts";
import type { Mutant } from "./list.ts";

const BUGS: readonly Omit<Mutant, "from">[] = [
  {
    name: "volumes of drained pods are not waited for",
    file: "lib/reconcile/decide/release-gates.ts",
    changes: [["if (volumesHold(view)) return", "if (volumesHold(view) && VOLUME_LOOK_SECONDS < 0) return"]],
  },
  {
    name: "what a drained pod wrote to is forgotten with the pod",
    file: "lib/reconcile/decide/drain-status.ts",
    changes: [["new Set([...(status.drainedClaims ?? []), ...pods", "new Set([...(status ? [] : []), ...pods"]],
  },
  {
    name: "a dry run drains",
    file: "lib/reconcile/drain-step.ts",
    changes: [["spec.dryRun !== true || action.do", "spec.dryRun === undefined || spec.dryRun || action.do"]],
  },
  {
    name: "a dry run cordons with the notice",
    file: "lib/reconcile/decide/notice-action.ts",
    changes: [["!(existing?.spec.dryRun ?? dryRun);", "(existing?.spec.dryRun ?? dryRun) !== undefined;"]],
  },
  {
    name: "a dry run is looked at every second",
    file: "lib/reconcile/decide/next-look.ts",
    changes: [["if (view.spec.dryRun) return PLAN_SECONDS;", "if (view.spec.dryRun) return PLAN_SECONDS / 60;"]],
  },
  {
    name: "hooks of others are answered with ours",
    file: "lib/providers/aws/hook-names.ts",
    changes: [["=> hookName.startsWith(prefix)", "=> hookName.length >= prefix.length - 3"]],
  },
];

export const RICH_MUTANTS: readonly Mutant[] = BUGS.map((bug) => ({ ...bug, from: FIRST_RICH_SEED }));
