/** Bugs planted in what pools of ours are reconciled with; hunted in seeds that have one. */
import { FIRST_POOL_SEED } from "../pools/plan.ts";
import type { Mutant } from "./list.ts";

const decide = (file: string) => `lib/reconcile/decide/${file}.ts`;
const aws = (file: string) => `lib/providers/aws/pool/${file}.ts`;

const BUGS: readonly Omit<Mutant, "from">[] = [
  {
    name: "an instance that we take out leaves before its Node is drained",
    file: decide("drain-action"),
    changes: [["return groups.leaving.length > 0 ? leavingAction(view, groups) : undefined;", "return undefined;"]],
  },
  {
    name: "the group is not made smaller when an instance goes for good",
    file: "lib/reconcile/act/take-out.ts",
    changes: [["decrement: removal?.decrement === true", "decrement: false"]],
  },
  {
    name: "hooks of others are deleted",
    file: aws("next-group-change"),
    changes: [["(one) => isManagedHook(one, group.tags, prefix) && !wish", "(one) => !wish"]],
  },
  {
    name: "tags of others are taken away",
    file: aws("next-template-change"),
    changes: [["Object.keys(appliedTags)", "Object.keys(tags)"]],
  },
  {
    name: "an instance on its way out is dropped from providerIDList",
    file: aws("say"),
    changes: [
      [
        "view?.instances.map(({ providerID }) => providerID)",
        'view?.instances.filter(({ state }) => state === "running" || state === "pending").map(({ providerID }) => providerID)',
      ],
    ],
  },
  {
    name: "a rotated token replaces every instance",
    file: aws("template-fingerprint"),
    changes: [['.replace(TOKEN, "$1<token>")', '.replace("", "")']],
  },
  {
    name: "the newest goes, whoever was chosen",
    file: decide("group-victims"),
    changes: [["Number(!marked.has(one.providerID)),", "marked.size * 0,"]],
  },
  {
    name: "the surge is ignored",
    file: decide("group-scale"),
    changes: [["surge - removingOf(group, leaving)", "surge - removingOf(group, leaving) + 10"]],
  },
  {
    name: "the maximum is lowered below what there is",
    file: aws("outdated"),
    changes: [["Math.max(desired, instances.filter(counts).length)", "desired * 0"]],
  },
  {
    name: "a pool's status is written from a stale view",
    file: "lib/kubernetes/merge-status.ts",
    changes: [["body: { metadata: { resourceVersion }, status }", "body: { status }"]],
  },
  {
    name: "an equal status is written again",
    file: "lib/kubernetes/merge-status.ts",
    changes: [["if (removed.length + changed.length === 0) return undefined;", ""]],
  },
  {
    name: "a template version in use is pruned",
    file: aws("next-template-change"),
    changes: [
      ["number !== template.defaultVersion && !inUse.has(number)", "number !== template.defaultVersion && inUse"],
    ],
  },
  {
    name: "a hook that was deleted is not put back",
    file: aws("next-group-change"),
    changes: [
      ["const missing = wish.hooks.find((one) => !live(one));", "const missing = wish.hooks.find(() => false);"],
    ],
  },
  {
    name: "instances are never refreshed",
    file: aws("next-group-change"),
    changes: [["if (outdatedInstances(sight).length === 0 ||", "if (outdatedInstances(sight).length >= 0 ||"]],
  },
  {
    name: "the group of a deleted pool is left",
    file: decide("group-deletion"),
    changes: [["if (removal) return", "if (removal && !group) return"]],
  },
  {
    name: "the group of a deleted pool is deleted with force",
    file: aws("next-change"),
    changes: [["ForceDelete: false", "ForceDelete: true"]],
  },
  {
    name: "Machines of instances that are gone stay",
    file: decide("machine-plan"),
    changes: [["removals: trusted ? leftovers(view, seen, new Set(ids)) : [],", "removals: [],"]],
  },
  {
    name: "Nodes of instances that are gone stay",
    file: decide("node-action"),
    changes: [["=> isOverWith(view, providerID));", '=> isOverWith(view, providerID) && providerID === "");']],
  },
  {
    name: "a late list is believed at once",
    file: "lib/reconcile/observe/pool-view.ts",
    changes: [["doubts: doubtsOf(known, again) }", "doubts: new Map() }"]],
  },
  {
    name: "a paused pool is reconciled",
    file: decide("group-gate"),
    changes: [
      [
        'cluster?.spec?.paused === true ? ignore("Paused") : undefined',
        "cluster?.spec?.paused === true ? undefined : undefined",
      ],
    ],
  },
  {
    name: "a Machine that is deleted by hand waits for ever",
    file: decide("machine-plan"),
    changes: [
      ["machine && isAsked(member, machine) &&", "machine && !isAsked(member, machine) && isUnhealthy(machine) &&"],
    ],
  },
  {
    name: "the sweep forgets pools",
    file: "lib/reconcile/pool-sweep.ts",
    changes: [["if (!world.settings.watchFilter) return;", "if (world.settings.watchFilter) return;"]],
  },
];

export const POOL_MUTANTS: readonly Mutant[] = BUGS.map((bug) => ({ ...bug, from: FIRST_POOL_SEED + 1 }));
