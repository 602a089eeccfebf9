/** Whose credentials a cluster is managed with: the identity that its infrastructure object names, if it may be used here. */
import type { IdentityReference } from "../../../api/aws/aws-cluster.ts";
import {
  type AwsIdentity,
  awsControllerIdentities,
  awsRoleIdentities,
  awsStaticIdentities,
} from "../../../api/aws/aws-identities.ts";
import type { KubernetesObject, Resource } from "../../../api/kubernetes/meta.ts";
import { namespaces } from "../../../api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../../api/kubernetes/secret.ts";
import { isNamespaceAllowed } from "../../allowed-namespaces.ts";
import type { ObjectReader } from "../../pool-provider.ts";
import { assumeRole } from "./assume-role.ts";
import { type ClientAccess, type Credentials, kept, type PoolClients } from "./clients.ts";

const KINDS: Readonly<Record<string, Resource>> = {
  AWSClusterControllerIdentity: awsControllerIdentities,
  AWSClusterStaticIdentity: awsStaticIdentities,
  AWSClusterRoleIdentity: awsRoleIdentities,
};
/** A role of a role of a role; more is a loop. */
const LONGEST_CHAIN = 5;

export interface IdentityWorld {
  readonly read: ObjectReader;
  /** Where static identities keep their Secrets. */
  readonly controllerNamespace: string;
  readonly clientsFor: (key: string, access: ClientAccess) => PoolClients;
  readonly region: string | undefined;
  readonly now: () => Date;
}

export interface Refusal {
  /** Upstream's reasons on the infrastructure cluster. */
  readonly reason:
    | "PrincipalUsageUnauthorized"
    | "SourcePrincipalUsageUnauthorized"
    | "PrincipalCredentialRetrievalFailed";
  readonly message: string;
}

/** `key` changes with anything that the credentials depend on. */
interface Found {
  readonly key: string;
  readonly credentials?: () => Promise<Credentials>;
}

/** @param namespace  of the cluster that names the identity */
export async function identityClients(
  reference: IdentityReference | undefined,
  namespace: string,
  world: IdentityWorld,
): Promise<PoolClients | { readonly refusal: Refusal }> {
  const found = reference ? await find({ reference, namespace, depth: 0 }, world) : { key: "own" };
  if ("refusal" in found) return found;
  return clientsOf(found, world);
}

const clientsOf = ({ key, credentials }: Found, { region, clientsFor }: IdentityWorld): PoolClients =>
  clientsFor(`${region ?? ""} ${key}`, { ...(region && { region }), ...(credentials && { credentials }) });

interface Search {
  readonly reference: IdentityReference;
  readonly namespace: string;
  readonly depth: number;
}

async function find(search: Search, world: IdentityWorld): Promise<Found | { readonly refusal: Refusal }> {
  const { reference, namespace, depth } = search;
  const { kind, name } = reference;
  const resource = KINDS[kind];
  const identity = resource && (await world.read<AwsIdentity>(resource, { name }));
  if (!identity) return failed(`there is no ${kind} ${name}`);
  const labels = async () => (await world.read<KubernetesObject>(namespaces, { name: namespace }))?.metadata.labels;
  if (!(await isNamespaceAllowed(identity.spec?.allowedNamespaces, namespace, labels))) {
    const message = `${kind} ${name} does not allow namespace ${namespace}: add it to spec.allowedNamespaces`;
    return {
      refusal: { reason: depth === 0 ? "PrincipalUsageUnauthorized" : "SourcePrincipalUsageUnauthorized", message },
    };
  }
  const { uid = "", resourceVersion = "" } = identity.metadata;
  const key = `${kind}/${name}/${uid}/${resourceVersion}`;
  if (kind === "AWSClusterStaticIdentity") return staticIdentity(identity, key, world);
  return kind === "AWSClusterRoleIdentity" ? roleIdentity({ identity, key, search }, world) : { key };
}

const failed = (message: string) => ({ refusal: { reason: "PrincipalCredentialRetrievalFailed" as const, message } });

async function staticIdentity({ spec, metadata }: AwsIdentity, key: string, world: IdentityWorld) {
  const name = spec?.secretRef ?? "";
  const { controllerNamespace: namespace } = world;
  const secret = name ? await world.read<Secret>(secrets, { namespace, name }) : undefined;
  const text = (field: string) => Buffer.from(secret?.data?.[field] ?? "", "base64").toString("utf8");
  const [accessKeyId, secretAccessKey] = [text("AccessKeyID"), text("SecretAccessKey")];
  if (!accessKeyId || !secretAccessKey) {
    return failed(
      `AWSClusterStaticIdentity ${metadata.name} needs a Secret ${namespace}/${name} with AccessKeyID and SecretAccessKey`,
    );
  }
  const sessionToken = text("SessionToken");
  const credentials = async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  return { key: `${key}/${secret?.metadata.resourceVersion ?? ""}`, credentials };
}

interface RoleSearch {
  readonly identity: AwsIdentity;
  readonly key: string;
  readonly search: Search;
}

async function roleIdentity({ identity, key, search }: RoleSearch, world: IdentityWorld) {
  const { name } = identity.metadata;
  const { roleARN, sourceIdentityRef } = identity.spec ?? {};
  if (!roleARN) return failed(`AWSClusterRoleIdentity ${name} names no role: set spec.roleARN`);
  if (search.depth >= LONGEST_CHAIN) return failed(`AWSClusterRoleIdentity ${name} leads back to itself`);
  const source = sourceIdentityRef
    ? await find({ ...search, reference: sourceIdentityRef, depth: search.depth + 1 }, world)
    : { key: "own" };
  if ("refusal" in source) return source;
  const { sts } = clientsOf(source, world);
  return { key: `${key} from ${source.key}`, credentials: kept(() => assumeRole(identity, sts), world.now) };
}
