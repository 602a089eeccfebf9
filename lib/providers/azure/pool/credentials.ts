/** Credentials by the types of AzureClusterIdentity, as far as a function can have them. */
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import type { AzureClusterIdentity } from "../../../api/azure/azure-cluster-identity.ts";
import { timeLimits } from "../time-limits.ts";

export interface CredentialQuestion {
  readonly identity: AzureClusterIdentity;
  /** Of its Secret, decoded; undefined: there is none. */
  readonly secret: ((key: string) => string | undefined) | undefined;
  /** Where tokens come from, e.g. "https://login.microsoftonline.com". */
  readonly authorityHost: string;
  /** The function's own: what a workload identity trusts. */
  readonly own: TokenCredential;
}

/** Made when it is first needed; or why there is none. */
export type CredentialChoice = { readonly credential: () => TokenCredential } | { readonly refused: string };

/** Federated credentials of Azure accept tokens for this audience only. */
const ASSERTION_SCOPE = "api://AzureADTokenExchange/.default";
const PEM =
  /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]*-----BEGIN CERTIFICATE-----|-----BEGIN CERTIFICATE-----[\s\S]*PRIVATE KEY-----/;

export function chooseCredential({ identity, secret, authorityHost, own }: CredentialQuestion): CredentialChoice {
  const { type, tenantID, clientID } = identity.spec;
  // The hosts are known ones: nobody has to be asked whether they are Microsoft's. And the next pass is the second try.
  const options = { authorityHost, disableInstanceDiscovery: true, retryOptions: { maxRetries: 0 }, ...timeLimits };
  switch (type) {
    case "UserAssignedMSI":
      return { credential: () => new ManagedIdentityCredential({ clientId: clientID, ...timeLimits }) };
    case "WorkloadIdentity": {
      const assertion = () => assertionOf(own);
      return { credential: () => new ClientAssertionCredential(tenantID, clientID, assertion, options) };
    }
    case "ServicePrincipal":
    case "ManualServicePrincipal": {
      const password = secret?.("clientSecret");
      if (!password) return lacks(identity, "clientSecret");
      return { credential: () => new ClientSecretCredential(tenantID, clientID, password, options) };
    }
    case "ServicePrincipalCertificate": {
      const certificate = secret?.("certificate") ?? secret?.("clientSecret");
      if (!certificate) return lacks(identity, "certificate");
      if (!PEM.test(certificate)) {
        return {
          refused: `the certificate of AzureClusterIdentity ${identity.metadata.name} must be PEM with its private key`,
        };
      }
      return { credential: () => new ClientCertificateCredential(tenantID, clientID, { certificate }, options) };
    }
    case "UserAssignedIdentityCredential": {
      const said = "reads a file that only Microsoft's own services have: use UserAssignedMSI or WorkloadIdentity";
      return { refused: `AzureClusterIdentity ${identity.metadata.name} of type ${type} ${said}` };
    }
  }
}

async function assertionOf(own: TokenCredential): Promise<string> {
  const token = await own.getToken(ASSERTION_SCOPE);
  if (token) return token.token;
  throw new Error("the function's own identity gives no token that a workload identity could trust");
}

const lacks = ({ metadata, spec }: AzureClusterIdentity, key: string): CredentialChoice => {
  const { name = "(none)" } = spec.clientSecret ?? {};
  return { refused: `AzureClusterIdentity ${metadata.name}: its Secret ${name} is not there, or has no key ${key}` };
};
