/** Reads a kubeconfig: which server, and what proves who we are, asked anew for every request so that tokens refresh. */
import type { RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { load } from "js-yaml";
import { KubernetesError } from "./errors.ts";
import type { TlsOptions } from "./http-exchange.ts";

/** Gives the text of a kubeconfig, YAML or JSON. Called again when the server refuses what it said before. */
export type KubeconfigSource = () => Promise<string>;

/** For messages, and for what is believed. */
export interface ClusterName {
  /** E.g. "the management cluster". */
  readonly name: string;
  /** Where its kubeconfig is kept, e.g. "the Secret default/prod-kubeconfig". */
  readonly origin: string;
  /**
   * Files and programs that a kubeconfig names are those of our own sandbox, so whoever may write a cluster's Secret must
   * not choose them (upstream refuses exec and auth providers there too: cluster-api controllers/remote).
   */
  readonly selfContained?: boolean;
}

export interface Access {
  readonly server: URL;
  readonly userName: string;
  /** Throws KubernetesError "unauthorized", never with the credential in it. */
  credentials(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly tls: TlsOptions }>;
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws KubernetesError "invalid": what is wrong with which kubeconfig, without a word of its content */
export function readKubeconfig(text: string, cluster: ClusterName): Access {
  const config = new KubeConfig();
  try {
    config.loadFromString(JSON.stringify({ ...parse(text, cluster) }));
  } catch (error) {
    if (error instanceof KubernetesError) throw error;
    throw invalid(cluster, error instanceof Error ? error.message : "it cannot be read");
  }
  const server = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (!server) throw invalid(cluster, "its current-context names no cluster in it");
  if (!user) throw invalid(cluster, "its current-context names no user in it");
  if (server.proxyUrl) throw invalid(cluster, "proxy-url is not supported: the server must be reachable directly");
  return {
    server: toServer(server.server, cluster),
    userName: user.name,
    credentials: () => credentialsOf(config, cluster),
  };
}

/** A credential never travels in the clear, not even over loopback: a test server has a certificate, too. */
function toServer(address: string, cluster: ClusterName): URL {
  if (!URL.canParse(address))
    throw invalid(cluster, `its server ${JSON.stringify(address.replace(/^.*@/, ""))} is no URL`);
  const server = new URL(address);
  // "user:password@host" is a URL of the scheme "user:", and none of it may be said.
  const shown = server.protocol === "http:" ? server.origin : "address";
  if (server.protocol !== "https:")
    throw invalid(cluster, `its server ${shown} is not https, and credentials only travel encrypted`);
  return server;
}

function parse(text: string, cluster: ClusterName): Fields {
  if (text.trim() === "") throw invalid(cluster, "it is empty");
  let config: unknown;
  try {
    config = load(text);
  } catch {
    // The parser's own message quotes the lines around the fault: possibly a key or a token.
    throw invalid(cluster, "it is neither YAML nor JSON");
  }
  if (!isFields(config)) throw invalid(cluster, "it is no mapping");
  if (cluster.selfContained) refuseOutside(config, cluster);
  const users = entriesOf(config, "users", "user").map(({ entry, inner }) => ({
    ...entry,
    user: toClientNode(inner, cluster),
  }));
  return { ...config, users };
}

const USER_FILES = ["tokenFile", "token-file", "client-certificate", "client-key", "exec", "auth-provider"];
const CLUSTER_FILES = ["certificate-authority"];

function refuseOutside(config: Fields, cluster: ClusterName): void {
  const clusters = entriesOf(config, "clusters", "cluster");
  const users = entriesOf(config, "users", "user");
  const named = [
    ...clusters.flatMap(({ inner }) => CLUSTER_FILES.filter((field) => inner[field])),
    ...users.flatMap(({ inner }) => USER_FILES.filter((field) => inner[field])),
  ];
  if (named.length === 0) return;
  throw invalid(
    cluster,
    `it uses ${named.join(", ")}, which names files or programs outside it: put the data itself into it`,
  );
}

/** client-node does not know `tokenFile` (client-go clientcmd/api/v1 AuthInfo) and gives plugins no KUBERNETES_EXEC_INFO. */
function toClientNode(user: Fields, cluster: ClusterName): Fields {
  if (user["auth-provider"])
    throw invalid(cluster, "auth-provider is not supported: use a token, a certificate or exec");
  if (user.tokenFile) {
    const { token: _, ...rest } = user;
    return { ...rest, "auth-provider": { name: "tokenFile", config: { tokenFile: user.tokenFile } } };
  }
  if (!isFields(user.exec)) return user;
  const exec = user.exec;
  const info = { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const env = Array.isArray(exec.env) ? exec.env : [];
  return { ...user, exec: { ...exec, env: [{ name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }, ...env] } };
}

async function credentialsOf(config: KubeConfig, cluster: ClusterName) {
  const headers: Record<string, string> = {};
  const options: RequestOptions = { headers };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new KubernetesError(
      "unauthorized",
      `${cluster.name}: the kubeconfig in ${cluster.origin} gives no credential: ${withoutContent(error)}`,
    );
  }
  const { ca, cert, key, rejectUnauthorized, servername, auth } = options;
  const tls = { ca, cert, key, rejectUnauthorized, servername };
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]);
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  return { headers: { ...basic, ...Object.fromEntries(given) }, tls: definedOnly(tls) };
}

/** A plugin's unreadable answer is the credential itself; what it printed as an error, or which file is missing, may be said. */
function withoutContent(error: unknown): string {
  if (!(error instanceof Error)) return "unknown fault";
  if (error instanceof SyntaxError || error instanceof TypeError)
    return "the exec plugin's answer is no ExecCredential";
  return error.message.trim().split("\n")[0]?.slice(0, 200) || "the exec plugin failed without a word";
}

const invalid = ({ name, origin }: ClusterName, why: string) =>
  new KubernetesError("invalid", `${name}: the kubeconfig in ${origin} cannot be used: ${why}`);

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A named list of a kubeconfig, `[{name, <member>: {...}}]`: each entry with what its member holds. */
function entriesOf(config: Fields, list: string, member: string) {
  const entries = config[list];
  if (!Array.isArray(entries)) return [];
  return entries.filter(isFields).map((entry) => {
    const inner = entry[member];
    return { entry, inner: isFields(inner) ? inner : {} };
  });
}

function definedOnly(tls: { [K in keyof TlsOptions]: TlsOptions[K] | undefined }): TlsOptions {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
