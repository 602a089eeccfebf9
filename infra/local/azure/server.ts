/**
 * The local Azure on the wire: Resource Manager, Entra and Service Bus over TLS, the managed identity endpoint over plain loopback HTTP.
 *
 *   const azure = await startAzure({ clock, authority });        // authority: infra/local/tls.ts; then `azure.close()`
 *   const { clientId } = azure.cloud.directory.register();       // or { secret }, { certificate }, { trusts }
 *   const credential = azure.credential(clientId);               // without any endpoint; or for the real classes:
 *     new ManagedIdentityCredential({ clientId })                // env: azure.identityEnvironment
 *     new ClientSecretCredential(azure.cloud.tenantId, clientId, secret, { authorityHost: azure.loginEndpoint, disableInstanceDiscovery: true })
 *   const compute = new ComputeManagementClient(credential, azure.cloud.subscriptionId, { endpoint: azure.endpoint });
 *
 * TLS: NODE_EXTRA_CA_CERTS, or `setDefaultCACertificates([...getCACertificates("default"), azure.caPem])` before the first
 * request. Resource group "edge-pools" is there. `azure.inject` refuses or cuts calls, `azure.cloud.failLater` lets an accepted
 * operation fail, `azure.cloud.runOut` takes hardware away; `azure.calls` and `azure.cloud.roles.needed` tell what was asked.
 */
import { randomUUID } from "node:crypto";
import type { Call } from "../calls.ts";
import type { Clock } from "../clock.ts";
import type { Fault } from "../faults.ts";
import { type Exchange, listen, type Reply } from "../listen.ts";
import type { Authority } from "../tls.ts";
import type { ArmCall } from "./arm.ts";
import { errorReply, parsed, writeReply } from "./arm-wire.ts";
import { type AzureCloud, type AzureSetup, createAzureCloud } from "./cloud.ts";
import { control } from "./control.ts";
import { ArmError } from "./errors.ts";
import { joinIdentityEndpoint } from "./identity-endpoint.ts";
import { type Login, serveLogin } from "./login.ts";
import { TIMING, type Timing } from "./place.ts";
import { queueIn, SEND, sendError } from "./service-bus.ts";

export const ARM_AUDIENCES = ["https://management.azure.com", "https://management.core.windows.net"];

export interface LocalAzure {
  /** Of Resource Manager: "https://127.0.0.1:<port>". */
  readonly endpoint: string;
  /** Of Entra, for `authorityHost`. */
  readonly loginEndpoint: string;
  /** Of the Service Bus namespace. */
  readonly serviceBusEndpoint: string;
  /** IDENTITY_ENDPOINT and IDENTITY_HEADER, as a function app has them. */
  readonly identityEnvironment: Readonly<Record<string, string>>;
  readonly caPem: string;
  readonly cloud: AzureCloud;
  /** Every call of an SDK, oldest first: server "arm", what "Microsoft.Compute/virtualMachineScaleSets/write". */
  readonly calls: readonly Call[];
  readonly inject: (fault: Fault) => void;
  /** A TokenCredential that needs no endpoint: for tests that are not about tokens. */
  readonly credential: (clientId: string) => {
    getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
  };
  close(): Promise<void>;
}

export interface AzureServerSetup extends Omit<AzureSetup, "clock" | "timing"> {
  readonly clock: Clock;
  readonly authority: Authority;
  readonly timing?: Partial<Timing>;
}

function serveArm(cloud: AzureCloud, calls: Call[], how: { clock: Clock; retryAfter: number }) {
  const record = (call: ArmCall, reply: Reply | "dropped") => {
    const { action, target } = cloud.handle.describe(call);
    const code = reply === "dropped" ? 0 : reply.status;
    const who = cloud.directory.find(call.caller)?.name ?? call.caller;
    calls.push({ at: how.clock.now(), server: "arm", who, what: action, target, code });
  };
  return async (exchange: Exchange): Promise<Reply | "dropped"> => {
    const { method, url, headers } = exchange;
    if (url.pathname.startsWith("/_")) return control({ cloud, calls }, url.pathname, await exchange.body());
    const wait = exchange.hold();
    let call: ArmCall = { method, path: url.pathname, query: url.searchParams, headers, caller: "" };
    let reply: Reply | "dropped";
    try {
      const text = await exchange.body();
      const { appid: caller } = cloud.tokens.check(headers.authorization?.toString(), ARM_AUDIENCES);
      call = { ...call, caller };
      const given = cloud.handle({ ...call, body: parsed(text) });
      const answer = given instanceof Promise ? await wait(given) : given;
      reply = writeReply(answer, cloud, { origin: url.origin, retryAfter: how.retryAfter });
    } catch (error) {
      reply = errorReply(error);
    }
    record(call, reply);
    if (reply === "dropped") return reply;
    return { ...reply, headers: { ...reply.headers, "x-ms-request-id": randomUUID() } };
  };
}

function serveServiceBus(cloud: AzureCloud, calls: Call[], clock: Clock) {
  return async (exchange: Exchange): Promise<Reply | "dropped"> => {
    const { method, url, headers } = exchange;
    const wait = exchange.hold();
    const caller = cloud.tokens.open(headers.authorization?.toString().replace(/^Bearer /, "") ?? "")?.appid ?? "";
    let reply: Reply | "dropped";
    try {
      const given = cloud.send({ method, path: url.pathname, headers, body: await exchange.body() });
      reply = given instanceof Promise ? await wait(given) : given;
    } catch (error) {
      reply = error instanceof ArmError ? sendError(error) : errorReply(error);
    }
    const who = cloud.directory.find(caller)?.name ?? caller;
    const code = reply === "dropped" ? 0 : reply.status;
    calls.push({ at: clock.now(), server: "servicebus", who, what: SEND, target: queueIn(url.pathname), code });
    return reply;
  };
}

/** @throws when a port cannot be had */
export async function startAzure({ clock, authority, ...setup }: AzureServerSetup): Promise<LocalAzure> {
  const calls: Call[] = [];
  const cloud = createAzureCloud({ ...setup, clock });
  const retryAfter = setup.timing?.retryAfterSeconds ?? TIMING.retryAfterSeconds;
  const arm = await listen({ clock, authority, commonName: "arm" }, serveArm(cloud, calls, { clock, retryAfter }));
  const login: Login = {
    tenantId: cloud.tenantId,
    directory: cloud.directory,
    tokens: cloud.tokens,
    origin: () => entra.endpoint,
  };
  const entra = await listen({ clock, authority, commonName: "login" }, (exchange) => {
    exchange.hold();
    return serveLogin(login, exchange);
  });
  const serviceBus = await listen({ clock, authority, commonName: "servicebus" }, serveServiceBus(cloud, calls, clock));
  const { directory, tokens } = cloud;
  const identities = await joinIdentityEndpoint({ directory, tokens, hold: () => clock.hold() });
  return {
    endpoint: arm.endpoint,
    loginEndpoint: entra.endpoint,
    serviceBusEndpoint: serviceBus.endpoint,
    identityEnvironment: identities.environment,
    caPem: authority.caPem,
    cloud,
    calls,
    inject: cloud.inject,
    credential: (clientId) => ({
      getToken: async (scopes) => {
        const [scope = ""] = [scopes].flat();
        const found = cloud.directory.find(clientId) ?? cloud.directory.register({ clientId });
        const token = cloud.tokens.issue(found, scope.replace(/\/\.default$/, ""));
        return { token, expiresOnTimestamp: Date.now() + cloud.tokens.lifeSeconds * 1000 };
      },
    }),
    close: async () => {
      identities.leave();
      for (const one of [arm, entra, serviceBus]) await one.close();
    },
  };
}
