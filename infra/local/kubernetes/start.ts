/** One local Kubernetes, embedded or real: the API on the wire, a way in for each user, and the audit webhook on demand. */
import { randomUUID } from "node:crypto";
import type { Call } from "../calls.ts";
import type { Clock } from "../clock.ts";
import type { Authority } from "../tls.ts";
import type { Authorize } from "./access.ts";
import { createKubernetesApi, type KubernetesApi } from "./api.ts";
import { type AuditWebhook, type AuditWebhookOptions, createAuditWebhook } from "./audit-webhook.ts";
import { createRealApi, type RealServer } from "./real-api.ts";
import type { User } from "./request.ts";
import { type Served, serveKubernetesApi } from "./server.ts";

export interface StartOptions {
  readonly clock: Clock;
  readonly name: string;
  readonly authority: Authority;
  readonly audit?: AuditWebhookOptions;
  readonly tokens?: Iterable<readonly [string, User]>;
  readonly authorize?: Authorize;
  /** Everything is done by this one instead, which audits by itself; roles do not count there. */
  readonly real?: RealServer;
}

export interface LocalKubernetes extends Served {
  readonly name: string;
  readonly api: KubernetesApi;
  readonly calls: Call[];
  readonly audit?: AuditWebhook;
  /** A kubeconfig with the CA and a token; `admin` may do everything. `url`: another way to the server than the straight one. */
  kubeconfig(user: string, groups?: readonly string[], url?: string): string;
  /** The same with a client certificate in place of the token. */
  certificateKubeconfig(user: string, groups?: readonly string[]): Promise<string>;
  /** The user's tokens stop working: the next request is answered with 401. */
  revoke(user: string): void;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

// JSON is YAML: every reader of kubeconfigs takes it.
function kubeconfigText(
  cluster: { name: string; url: string; caPem: string },
  user: string,
  credential: object,
): string {
  const { name, url, caPem } = cluster;
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server: url, "certificate-authority-data": base64(caPem) } }],
      users: [{ name: user, user: credential }],
      contexts: [{ name, context: { cluster: name, user, namespace: "default" } }],
      "current-context": name,
    },
    null,
    2,
  )}\n`;
}

const groupsOf = (user: string, groups: readonly string[]) =>
  user === "admin" ? ["system:masters", ...groups] : groups;

export async function startKubernetes(options: StartOptions): Promise<LocalKubernetes> {
  const { clock, name, authority, real } = options;
  const audit = options.audit && createAuditWebhook(clock, options.audit);
  const api = real
    ? createRealApi({ clock, name, server: real })
    : createKubernetesApi({
        clock,
        name,
        ...(options.tokens && { tokens: options.tokens }),
        ...(options.authorize && { authorize: options.authorize }),
        ...(audit && { audit: audit.sink }),
      });
  const served = await serveKubernetesApi(api, authority);
  const cluster = { name, url: served.url, caPem: authority.caPem };
  return {
    ...served,
    name,
    api,
    calls: api.calls,
    ...(audit && { audit }),
    kubeconfig: (user, groups = [], url = served.url) => {
      const token = randomUUID();
      api.tokens.set(token, { name: user, groups: [...groupsOf(user, groups), "system:authenticated"] });
      return kubeconfigText({ ...cluster, url }, user, { token });
    },
    certificateKubeconfig: async (user, groups = []) => {
      const { certPem, keyPem } = await authority.issue({ commonName: user, organizations: groupsOf(user, groups) });
      return kubeconfigText(cluster, user, {
        "client-certificate-data": base64(certPem),
        "client-key-data": base64(keyPem),
      });
    },
    revoke: (user) => {
      for (const [token, { name: owner }] of api.tokens) if (owner === user) api.tokens.delete(token);
    },
    close: async () => {
      audit?.close();
      await served.close();
    },
  };
}
