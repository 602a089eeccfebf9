/** Bugs planted in what only worlds on Azure bring about: events that wait for a word, operations, shells, rollouts. */
import { FIRST_AZURE_SEED } from "../clouds/azure/plan.ts";
import type { Mutant } from "./list.ts";

const azure = (file: string) => `lib/providers/azure/${file}.ts`;

const BUGS: readonly Omit<Mutant, "from">[] = [
  {
    name: "an event is acknowledged before its Node is drained",
    file: "lib/reconcile/decide/drain-action.ts",
    changes: [["return groups.leaving.length > 0 ? leavingAction(view, groups) : undefined;", "return undefined;"]],
  },
  {
    name: "an event is acknowledged again while Resource Graph is late",
    file: azure("machine-state"),
    changes: [['const awaited = released ? "leaving" : "held";', 'const awaited = released ? "held" : "held";']],
  },
  {
    name: "another event of a machine that was released is not answered",
    file: azure("machine-state"),
    changes: [["releaseTime !== undefined && now.getTime() <", "releaseTime !== undefined || now.getTime() <"]],
  },
  {
    name: "the shell of an evicted machine is taken for gone by who takes it out",
    file: azure("machine-state"),
    changes: [['powerState === "deallocated" && !removal', 'powerState === "deallocated" && removal !== undefined']],
  },
  {
    name: "more machines are launched than maxSurge allows",
    file: azure("pool/rollout"),
    changes: [["Math.min(maxSurge, left)", "Math.max(maxSurge, left) + 1"]],
  },
  {
    name: "an operation is begun although one is under way",
    file: azure("pool/busy"),
    changes: [
      ['if (operation?.status === "running") return operation.againSeconds ?? LOOK_SECONDS;', ""],
      [
        "return UNDER_WAY.includes(scaleSet.provisioningState) ? LOOK_SECONDS : undefined;",
        "return UNDER_WAY ? undefined : LOOK_SECONDS;",
      ],
    ],
  },
  {
    name: "the machine objects of gone instances stay",
    file: "lib/reconcile/decide/machine-plan.ts",
    changes: [["removals: trusted ? leftovers(view, seen, new Set(ids)) : [],", "removals: [],"]],
  },
  {
    name: "a machine that is running is taken for one that failed",
    file: azure("pool/rollout"),
    changes: [
      ['deallocated && provisioningState === "Succeeded"', '!deallocated && provisioningState === "Succeeded"'],
    ],
  },
];

export const AZURE_MUTANTS: readonly Mutant[] = BUGS.map((bug) => ({ ...bug, from: FIRST_AZURE_SEED }));
