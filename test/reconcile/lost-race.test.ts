/** A pass that another one overtakes: it comes again at once only if nobody else comes as early as it wants. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { drainStep } from "../../lib/reconcile/drain-step.ts";
import { NAMESPACE } from "../support/builders.ts";
import { draining } from "./support/drains.ts";
import { KEY, type Rig } from "./support/rig.ts";

/** After the record is read and before the pods are, this happens. */
const passDuring = ({ world }: Rig, happen: () => Promise<void>) =>
  drainStep(
    {
      ...world,
      clusters: {
        management: world.clusters.management,
        workload: async (cluster) => {
          await happen();
          return world.clusters.workload(cluster);
        },
      },
    },
    KEY,
  );

const at = { namespace: NAMESPACE, name: KEY.name };
const patch = ({ management }: Rig, body: object) =>
  management.patch(instanceTerminations, at, { type: "merge", body });

const cases: {
  name: string;
  before?: (rig: Rig) => Promise<unknown>;
  meanwhile: (rig: Rig) => Promise<unknown>;
  want: number | undefined;
}[] = [
  {
    name: "the other promised a look as early as this one wants: nobody comes twice",
    meanwhile: async () => undefined,
    want: undefined,
  },
  {
    name: "the other had not seen that the last pod is gone: this one comes again",
    meanwhile: ({ workload }) =>
      workload.delete(pods, { namespace: "default", name: "web-1" }, { gracePeriodSeconds: 0 }),
    want: 1,
  },
  {
    name: "somebody asked for something else meanwhile: this one comes again",
    meanwhile: (rig) => patch(rig, { spec: { drain: { timeoutSeconds: 900 } } }),
    want: 1,
  },
  {
    name: "somebody paused the record meanwhile: this one comes again",
    meanwhile: (rig) => patch(rig, { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } } }),
    want: 1,
  },
  {
    name: "somebody took the drain back meanwhile: this one comes again",
    meanwhile: ({ management }) => management.delete(instanceTerminations, at),
    want: 1,
  },
  {
    name: "the deadline is near, and who promised may have died: this one comes again",
    before: (rig) => patch(rig, { spec: { deadlineTime: "2026-03-01T12:04:00Z" } }),
    meanwhile: async () => undefined,
    want: 1,
  },
];
for (const { name, before, meanwhile, want } of cases)
  test(name, async (t) => {
    const rig = await draining(t, [{ name: "web-1" }]);
    await before?.(rig);
    const outcome = await passDuring(rig, async () => {
      await rig.drain();
      await meanwhile(rig);
    });
    deepStrictEqual([outcome.did, outcome.againSeconds], ["conflicted", want]);
  });
