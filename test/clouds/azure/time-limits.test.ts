/** No Azure client waits for ever: not for a server that accepts and says nothing, nor for the other half of an answer. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer as createTlsServer, type Server } from "node:https";
import { type AddressInfo, createServer, type Server as TcpServer } from "node:net";
import { after, before, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { ComputeManagementClient } from "@azure/arm-compute";
import {
  ClientAssertionCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import { createAuthority } from "../../../infra/local/tls.ts";
import { asAzure } from "../../../lib/providers/azure/errors.ts";
import { machineApi } from "../../../lib/providers/azure/machine-api.ts";
import { maintenanceApi } from "../../../lib/providers/azure/maintenance-api.ts";
import { keyQueue, SERVICE_BUS_SCOPE } from "../../../lib/providers/azure/requeue.ts";
import { restClient } from "../../../lib/providers/azure/rest.ts";
import { limitedHttp } from "../../../lib/providers/azure/time-limits.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";
const TENANT = "22222222-2222-4333-8444-555555555555";
const CLIENT = "33333333-2222-4333-8444-555555555555";
const SCOPE = "https://management.azure.com/.default";
const READ_MILLISECONDS = 300;
const WRITE_MILLISECONDS = 400;
const http = limitedHttp({ readMilliseconds: READ_MILLISECONDS, writeMilliseconds: WRITE_MILLISECONDS });
const limits = { httpClient: http, retryOptions: { maxRetries: 0 } };
const known: TokenCredential = {
  getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** Takes connections; not even its half of the TLS handshake comes. */
const silent = createServer(() => {});
let half: Server;
/** A function app's own endpoint for tokens; plain HTTP. */
let identity: TcpServer;
let identityIsSilent = true;
const begun = { "content-type": "application/json", "content-length": "1000" };
const ports = new Map<string, number>();

before(async () => {
  const authority = await createAuthority();
  setDefaultCACertificates([...getCACertificates("default"), authority.caPem]);
  const { certPem: cert, keyPem: key } = await authority.issue({ commonName: "azure", hosts: ["127.0.0.1"] });
  half = createTlsServer({ cert, key }, (_, response) => response.writeHead(200, begun).write('{"id":'));
  identity = createPlainServer((_, response) => {
    if (!identityIsSilent) response.writeHead(200, begun).write('{"access_token":');
  });
  for (const [name, server] of Object.entries({ silent, half, identity })) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.set(name, (server.address() as AddressInfo).port);
    server.unref();
  }
  Object.assign(process.env, {
    IDENTITY_ENDPOINT: `http://127.0.0.1:${ports.get("identity")}/msi/token`,
    IDENTITY_HEADER: "h",
  });
});
after(() => {
  for (const server of [silent, half, identity]) server.close();
});

const scaleSet = { subscriptionId: SUBSCRIPTION, resourceGroup: "blue", name: "workers" };
const machine = { ...scaleSet, mode: "Uniform" as const, scaleSet: "workers", number: "3" };
const machines = (endpoint: string) =>
  machineApi(new ComputeManagementClient(known, SUBSCRIPTION, { endpoint, ...limits }));
const arm = (endpoint: string) => restClient({ endpoint, scope: SCOPE, credential: known, http });
const signIn = (authorityHost: string) => ({ authorityHost, disableInstanceDiscovery: true, ...limits });
const asked = (credential: TokenCredential) => asAzure("token", () => credential.getToken(SCOPE));

const calls: { name: string; call: (endpoint: string) => Promise<unknown>; says: RegExp }[] = [
  {
    name: "a read of Resource Manager",
    call: (endpoint) => machines(endpoint).scaleSet(scaleSet),
    says: /^Microsoft\.Compute\/virtualMachineScaleSets\/read: .* GET within 0\.3 s/,
  },
  {
    name: "a list of Resource Manager",
    call: (endpoint) => machines(endpoint).scaleSetsNamed("workers"),
    says: /^Microsoft\.Compute\/virtualMachineScaleSets\/read: .* GET within 0\.3 s/,
  },
  {
    name: "a long operation that Resource Manager shall begin",
    call: (endpoint) => machines(endpoint).delete(machine),
    says: /^Microsoft\.Compute\/virtualMachineScaleSets\/delete\/action: .* POST within 0\.4 s/,
  },
  {
    name: "an acknowledgement",
    call: (endpoint) => maintenanceApi(arm(endpoint), SUBSCRIPTION).acknowledge({ resourceId: "/a", eventId: "e" }),
    says: /^Microsoft\.Maintenance\/scheduledevents\/acknowledge\/action: .* POST within 0\.4 s/,
  },
  {
    name: "a question to Resource Graph",
    call: (endpoint) => maintenanceApi(arm(endpoint), SUBSCRIPTION).scheduledEvents(),
    says: /^Microsoft\.ResourceGraph\/resources\/read: .* POST within 0\.4 s/,
  },
  {
    name: "a message for Service Bus",
    call: (endpoint) => {
      const bus = restClient({ endpoint, scope: SERVICE_BUS_SCOPE, credential: known, http });
      return keyQueue({ bus, queue: "looks", now: () => new Date() }).again(
        { kind: "K", namespace: "n", name: "n" },
        0,
      );
    },
    says: /^Microsoft\.ServiceBus\/namespaces\/messages\/send\/action: .* POST within 0\.4 s/,
  },
  {
    name: "a sign-in with a secret",
    call: (endpoint) => asked(new ClientSecretCredential(TENANT, CLIENT, "not-said", signIn(endpoint))),
    says: /^token: .*no answer from where tokens come from/,
  },
  {
    name: "a sign-in by federation",
    call: (endpoint) => asked(new ClientAssertionCredential(TENANT, CLIENT, async () => "not-said", signIn(endpoint))),
    says: /^token: .*no answer from where tokens come from/,
  },
  {
    name: "a managed identity's own endpoint",
    call: (endpoint) => {
      identityIsSilent = endpoint.endsWith(`:${ports.get("silent")}`);
      return asked(new ManagedIdentityCredential({ clientId: CLIENT, ...limits }));
    },
    says: /^token: .*no answer from where tokens come from/,
  },
];

const ends = [
  { end: "silent", what: "that is accepted and never answered" },
  { end: "half", what: "of which half an answer comes" },
];
for (const { end, what } of ends)
  for (const { name, call, says } of calls)
    test(`${name} ${what} costs one limit, and says what comes next`, async () => {
      const started = performance.now();
      await rejects(call(`https://127.0.0.1:${ports.get(end)}`), (error: unknown) => {
        ok(error instanceof ProviderError, String(error));
        deepStrictEqual(error.kind, "unavailable", error.message);
        match(error.message, says);
        match(error.message, /asked again in a later pass/);
        ok(!error.message.includes("not-said"));
        return true;
      });
      const took = performance.now() - started;
      ok(took >= READ_MILLISECONDS - 5, `${took} ms`);
    });

test("the end of the invocation is not taken for a silent server", async () => {
  const endpoint = `https://127.0.0.1:${ports.get("silent")}`;
  const client = new ComputeManagementClient(known, SUBSCRIPTION, { endpoint, ...limits });
  await rejects(machineApi(client, AbortSignal.timeout(50)).scaleSet(scaleSet), (error: Error) => {
    ok(!/no answer/.test(error.message), error.message);
    return true;
  });
});

test("every client and credential that a function makes has the limits", () => {
  const files = globSync("{functions/azure,lib/providers/azure}/**/*.ts", { cwd: ROOT });
  const sources = files.map((file) => ({ file, text: readFileSync(`${ROOT}/${file}`, "utf8") }));
  const made = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/new \w+(?:Client|Credential)\([^;]*?\)/g)].map(([whole]) => ({ file, whole })),
  );
  strictEqual(made.length, 7, made.map(({ file, whole }) => `${file}: ${whole}`).join("\n"));
  deepStrictEqual(
    made.filter(({ whole }) => !/\.\.\.timeLimits,?\s*\}\)$|httpClient: http,?\s*\}\)$|, options\)$/.test(whole)),
    [],
  );
  // What carries them may be given from outside; by itself it is the limited one.
  const given = sources.filter(({ text }) => text.includes("httpClient: http,"));
  deepStrictEqual(
    given.filter(({ text }) => !text.includes("http = timeLimits.httpClient")),
    [],
  );
  const options = sources.flatMap(({ text }) => text.match(/const options = \{.*authorityHost.*/g) ?? []);
  deepStrictEqual(
    options.map((one) => one.includes("...timeLimits")),
    [true],
    "`options` of credentials hold them once for all",
  );
  const bare = sources.filter(({ text }) => text.includes("createDefaultHttpClient")).map(({ file }) => file);
  deepStrictEqual(bare, ["lib/providers/azure/time-limits.ts"]);
});
