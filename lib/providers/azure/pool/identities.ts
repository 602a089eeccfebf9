/** Whose credentials a cluster is managed with: the AzureClusterIdentity that its infrastructure names, if it may be used here. */
import type { TokenCredential } from "@azure/identity";
import { type AzureClusterIdentity, azureClusterIdentities } from "../../../api/azure/azure-cluster-identity.ts";
import type { KubernetesObject } from "../../../api/kubernetes/meta.ts";
import { namespaces } from "../../../api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../../api/kubernetes/secret.ts";
import { isNamespaceAllowed } from "../../allowed-namespaces.ts";
import type { ObjectReader } from "../../pool-provider.ts";
import { chooseCredential } from "./credentials.ts";
import type { Problem } from "./sight.ts";
import type { Surroundings } from "./surroundings.ts";

/** `key` changes with anything that the credentials depend on, and holds no secret. */
export interface Found {
  readonly key: string;
  readonly credential: () => TokenCredential;
}

export interface IdentityWorld {
  readonly read: ObjectReader;
  readonly own: TokenCredential;
  readonly authorityHost: string;
}

/** @param namespace  of the cluster that names the identity */
export async function findCredential(
  reference: Surroundings["identity"],
  namespace: string,
  world: IdentityWorld,
): Promise<Found | { readonly refusal: Problem }> {
  if (!reference) return { key: "own", credential: () => world.own };
  const at = { namespace: reference.namespace ?? namespace, name: reference.name };
  const identity = await world.read<AzureClusterIdentity>(azureClusterIdentities, at);
  if (!identity)
    return refused("AzureClusterIdentityNotFound", `there is no AzureClusterIdentity ${at.namespace}/${at.name}`);
  const labels = async () => (await world.read<KubernetesObject>(namespaces, { name: namespace }))?.metadata.labels;
  if (!(await isNamespaceAllowed(identity.spec.allowedNamespaces, namespace, labels))) {
    const message = `AzureClusterIdentity ${at.name} does not allow namespace ${namespace}: add it to spec.allowedNamespaces`;
    return refused("NamespaceNotAllowedByIdentity", message);
  }
  const stored = await secretOf(identity, at.namespace, world.read);
  const secret = stored && ((key: string) => decoded(stored.data?.[key]));
  const choice = chooseCredential({ identity, secret, authorityHost: world.authorityHost, own: world.own });
  if ("refused" in choice) return refused("CredentialsMissing", choice.refused);
  return { key: [versionOf(identity), stored ? versionOf(stored) : ""].join(" "), credential: choice.credential };
}

const refused = (reason: string, message: string) => ({ refusal: { reason, message } });

const versionOf = ({ metadata: { namespace = "", name, uid = "", resourceVersion = "" } }: KubernetesObject): string =>
  `${namespace}/${name}/${uid}/${resourceVersion}`;

/** In the identity's own namespace where the reference names none. */
async function secretOf(
  { spec }: AzureClusterIdentity,
  namespace: string,
  read: ObjectReader,
): Promise<Secret | undefined> {
  const { name, namespace: other } = spec.clientSecret ?? {};
  return name ? read<Secret>(secrets, { namespace: other ?? namespace, name }) : undefined;
}

const decoded = (data: string | undefined): string | undefined =>
  data === undefined ? undefined : Buffer.from(data, "base64").toString("utf8");
