/** What MachinePool and Machine say about a drain. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { excludedBy, limitsOf, machineLabels, pausedIn, skipsVolumeWait } from "../../../lib/reconcile/decide/owner.ts";
import { aMachine, aMachinePool, aNode } from "../../support/builders.ts";

const OUT = { annotations: { "machine.cluster.x-k8s.io/exclude-node-draining": "" } };
const NO_WAIT = { annotations: { "machine.cluster.x-k8s.io/exclude-wait-for-node-volume-detach": "" } };
const PAUSED = { annotations: { "cluster.x-k8s.io/paused": "false" } };
const pool = aMachinePool();
const machine = aMachine();

const excluded: { name: string; got: string | undefined; want: string | undefined }[] = [
  { name: "nobody asks not to be drained", got: excludedBy({ pool, machine }, aNode()), want: undefined },
  {
    name: "the Machine's annotation excludes",
    got: excludedBy({ pool, machine: aMachine(OUT) }, aNode()),
    want: "Machine workers-x",
  },
  { name: "the Node's annotation excludes", got: excludedBy({ pool }, aNode(OUT)), want: "Node node-1" },
  {
    name: "the MachinePool's annotation excludes where there are no Machines",
    got: excludedBy({ pool: aMachinePool(OUT) }, aNode()),
    want: "MachinePool workers",
  },
  {
    name: "the MachinePool's annotation does not speak for Machines",
    got: excludedBy({ pool: aMachinePool(OUT), machine }, aNode()),
    want: undefined,
  },
];
for (const { name, got, want } of excluded) test(name, () => deepStrictEqual(got, want));

test("a volume wait is skipped for the Machine's annotation, else the MachinePool's", () => {
  deepStrictEqual(skipsVolumeWait({ pool: aMachinePool(NO_WAIT) }), true);
  deepStrictEqual(skipsVolumeWait({ pool: aMachinePool(NO_WAIT), machine }), false);
  deepStrictEqual(skipsVolumeWait({ pool, machine: aMachine(NO_WAIT) }), true);
});

test("paused is the annotation, whatever its value, or upstream's condition", () => {
  deepStrictEqual(pausedIn(pool, [machine]), undefined);
  deepStrictEqual(pausedIn(aMachinePool(PAUSED), []), "MachinePool workers");
  deepStrictEqual(pausedIn(pool, [aMachine(PAUSED)]), "Machine workers-x");
  deepStrictEqual(pausedIn(aMachinePool({ paused: true }), []), "MachinePool workers");
});

test("the Machine's limits win over the pool's; 0 is none", () => {
  const deletion = { nodeDrainTimeoutSeconds: 60, nodeVolumeDetachTimeoutSeconds: 0 };
  deepStrictEqual(limitsOf({ pool: aMachinePool({ deletion }) }), { drainSeconds: 60 });
  const own = aMachine({ deletion: { nodeDrainTimeoutSeconds: 5, nodeVolumeDetachTimeoutSeconds: 7 } });
  deepStrictEqual(limitsOf({ pool: aMachinePool({ deletion }), machine: own }), { drainSeconds: 5, volumeSeconds: 7 });
  deepStrictEqual(limitsOf({ pool: aMachinePool({ deletion }), machine }), {});
  deepStrictEqual(limitsOf({}), {});
});

test("without a Machine a rule sees the labels that it would have got from the pool", () => {
  deepStrictEqual(machineLabels({ pool: aMachinePool({ templateLabels: { tier: "web" } }) }), {
    tier: "web",
    "cluster.x-k8s.io/cluster-name": "prod",
    "cluster.x-k8s.io/pool-name": "workers",
  });
  deepStrictEqual(machineLabels({ pool, machine: aMachine({ labels: { own: "1" } }) }), { own: "1" });
});
