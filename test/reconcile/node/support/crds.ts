/** Stand-ins for the kinds that a MachinePool refers to, beside those of a drain: upstream's names, contract labels, any fields. */
import { upstreamCrds } from "../../../../infra/local/stories/crds.ts";
import { awsMachines } from "../../../../lib/api/aws/aws-machine.ts";
import type { Resource } from "../../../../lib/api/kubernetes/meta.ts";

export const kubeadmConfigs: Resource = {
  apiVersion: "bootstrap.cluster.x-k8s.io/v1beta2",
  plural: "kubeadmconfigs",
  kind: "KubeadmConfig",
};
export const eksConfigs: Resource = { ...kubeadmConfigs, plural: "eksconfigs", kind: "EKSConfig" };

function crdOf({ apiVersion, plural, kind }: Resource, labels: Readonly<Record<string, string>>) {
  const [group = "", version = ""] = apiVersion.split("/");
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: open, status: open } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, subresources: { status: {} }, schema }],
    },
  };
}

/** The two contracts of bootstrap providers, as their CRDs declare them. */
const OTHERS = [
  crdOf(kubeadmConfigs, { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" }),
  crdOf(eksConfigs, { "cluster.x-k8s.io/v1beta1": "v1beta1_v1beta2" }),
  crdOf(awsMachines, { "cluster.x-k8s.io/v1beta1": "v1beta1_v1beta2" }),
];

const nameOf = (crd: { readonly metadata: { readonly name: string } }): string => crd.metadata.name;
const known = new Set(upstreamCrds.map(nameOf));

export const poolCrds = [...upstreamCrds, ...OTHERS.filter((crd) => !known.has(nameOf(crd)))];
