/** Where the management cluster's kubeconfig comes from: a secret, a parameter, or a token minted for an EKS cluster. */
import { type EksIdentity, mintEksToken } from "./eks-token.ts";
import { nameOfSource, readSecretText, type SecretClients } from "./secret-source.ts";

export type ManagementReference =
  | { readonly from: "secret"; readonly reference: string }
  | {
      readonly from: "eks";
      readonly clusterName: string;
      /** `https://...`, as `aws eks describe-cluster` gives it. */
      readonly endpoint: string;
      /** Base64 of the PEM, as `aws eks describe-cluster` gives it. */
      readonly certificateAuthority: string;
    };

export interface ManagementKubeconfig {
  /** For messages. */
  readonly origin: string;
  /** The text of a kubeconfig. Asked again when the server refuses what it said before; throws without a credential in it. */
  read(): Promise<string>;
}

export interface ManagementAccess extends SecretClients, Pick<EksIdentity, "region" | "credentials" | "now"> {}

export function managementKubeconfig(wanted: ManagementReference, access: ManagementAccess): ManagementKubeconfig {
  if (wanted.from === "secret") {
    const { reference } = wanted;
    return { origin: nameOfSource(reference), read: () => readSecretText(reference, access) };
  }
  const { region, credentials, now } = access;
  const { clusterName } = wanted;
  return {
    origin: `EKS cluster ${clusterName}`,
    read: async () => eksKubeconfig(wanted, await mintEksToken({ clusterName, region, credentials, now })),
  };
}

function eksKubeconfig(
  { clusterName, endpoint, certificateAuthority }: Extract<ManagementReference, { from: "eks" }>,
  token: string,
): string {
  const cluster = { server: endpoint, "certificate-authority-data": certificateAuthority };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": clusterName,
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: "lifeguard" } }],
    clusters: [{ name: clusterName, cluster }],
    users: [{ name: "lifeguard", user: { token } }],
  });
}
