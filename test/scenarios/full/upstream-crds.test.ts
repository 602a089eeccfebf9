/** Whatever the functions write survives the validation and the pruning of upstream's own CRDs. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { autoscaler } from "../../../infra/local/stories/full/autoscaler.ts";
import { playFullStory } from "../../../infra/local/stories/full/play.ts";
import { poolCreate } from "../../../infra/local/stories/full/pool-create.ts";
import { poolDelete } from "../../../infra/local/stories/full/pool-delete.ts";
import { poolUpgrade } from "../../../infra/local/stories/full/pool-upgrade.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { type Crd, SKIP, upstreamCrdsOf } from "../../api/upstream-crds.ts";

const PLURALS = ["clusters", "machinepools", "machines", "machinedrainrules"];
const OTHERS = ["kubeadmconfigs", "awsclusters", "awsmachines", "awsmachinepools"];
/** A release's kustomization adds them to what is generated (cluster-api config/crd/kustomization.yaml). */
const CONTRACTS = { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" };
const labelled = (crd: Crd): KubernetesObject => ({
  ...crd,
  metadata: { ...crd.metadata, labels: { ...CONTRACTS, ...crd.metadata.labels } },
});

for (const story of [poolCreate, poolUpgrade, autoscaler, poolDelete]) {
  test(`${story.name} with the CRDs of upstream`, { skip: SKIP }, async (context) => {
    const lines: string[] = [];
    const { promises, kept } = await playFullStory(story, {
      speed: 0,
      crds: upstreamCrdsOf(...PLURALS, ...OTHERS).map(labelled),
      show: ({ at, who, name, what }) => lines.push(`${at.toISOString().slice(11, 19)} ${who} ${name} ${what}`),
    });
    if (!kept) for (const line of lines) context.diagnostic(line);
    deepStrictEqual(
      promises.filter((promise) => !promise.kept),
      [],
    );
  });
}
