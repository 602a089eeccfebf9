/** What the deployment tells the functions is what they ask for, is documented for whoever deploys, and holds no secret. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { lastOf, type PackagedAzure, settingsOf, siteOf } from "./packaged-azure.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const textOf = (file: string) => readFileSync(path.join(root, file), "utf8");
const namesIn = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? "")),
];
/** Of the Functions host, not of our code. */
const OF_THE_HOST = /^(AzureWebJobsStorage|ServiceBus)__\w+$|^APPLICATIONINSIGHTS_/;
const REFERENCE = /^@Microsoft\.KeyVault\(VaultName=edge-keys;SecretName=(lifeguard-[\w-]+)\)$/;

export function settingsTests(service: () => PackagedAzure): void {
  const files = ["functions/azure/runtime/settings.ts", "lib/providers/environment.ts"];
  const asked = () => files.flatMap((file) => namesIn(textOf(file), /^ {2}((?:LIFEGUARD|AZURE)_\w+):/gm));
  const own = (name: string) => Object.keys(settingsOf(service(), name)).filter((one) => !OF_THE_HOST.test(one));

  test("tells the functions every setting that they ask for, and no other", () => {
    assert.ok(asked().length > 8, asked().join());
    assert.deepEqual([...new Set(service().apps.flatMap(({ name }) => own(name)))].sort(), [...asked()].sort());
  });

  test("tells each host where its storage and its queue are, and as whom to open them", () => {
    for (const { name, bundle } of service().apps) {
      const settings = settingsOf(service(), name);
      const connections = ["AzureWebJobsStorage", ...namesIn(bundle, /\bconnection:"(\w+)"/g)];
      const told = Object.keys(settings).filter((one) => one.includes("__"));
      assert.deepEqual(
        told.sort(),
        connections
          .flatMap((one) => [
            `${one}__${one === "AzureWebJobsStorage" ? "accountName" : "fullyQualifiedNamespace"}`,
            `${one}__clientId`,
            `${one}__credential`,
          ])
          .sort(),
        name,
      );
    }
  });

  test("lets every function act as its own identity and no other", () => {
    const ids = service().apps.map(({ name }) => {
      const settings = settingsOf(service(), name);
      const clientId = settings.AZURE_CLIENT_ID ?? "";
      assert.match(clientId, /^[0-9a-f-]{36}$/, name);
      for (const [key, value] of Object.entries(settings))
        if (key.endsWith("__clientId")) assert.equal(value, clientId, key);
      assert.equal(settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING, `ClientId=${clientId};Authorization=AAD`);
      return clientId;
    });
    assert.equal(new Set(ids).size, service().apps.length);
  });

  test("keeps secrets in Key Vault, read with the app's own identity", () => {
    for (const { name } of service().apps) {
      const settings = Object.entries(settingsOf(service(), name));
      for (const [key, value] of settings.filter(
        ([one]) => /KUBECONFIG|TOKENS/.test(one) && one !== "LIFEGUARD_AUDIT_FORWARD_TOKENS",
      ))
        assert.match(value, REFERENCE, `${name}: ${key}`);
      const { properties } = siteOf(service(), name).body;
      const identity: unknown = Reflect.get(Object(properties), "keyVaultReferenceIdentity");
      assert.equal(lastOf(String(identity)), `lifeguard-${name}`);
    }
  });

  test("gives the audit tokens to nobody but their receiver", () => {
    const holders = service().apps.filter(({ name }) => "LIFEGUARD_AUDIT_TOKENS" in settingsOf(service(), name));
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["audit-received"],
    );
  });

  test("documents every setting of the shell at the head of provider.yml, and reads every one that it documents", () => {
    const head = textOf("infra/azure/provider.yml")
      .split("\n")
      .filter((line) => line.startsWith("#"));
    const documented = namesIn(head.join("\n"), /^# {3}.*?((?:LIFEGUARD|AZURE)_\w+)/gm).concat(
      head.flatMap((line) => (/^# {3}LIFEGUARD/.test(line) ? namesIn(line, /(LIFEGUARD_\w+)/g) : [])),
    );
    const files = readdirSync(path.join(root, "infra/azure")).filter((name) => name.endsWith(".yml"));
    const used = files.flatMap((file) => namesIn(textOf(`infra/azure/${file}`), /\$\{env:(\w+)/g));
    for (const name of used) assert.ok(documented.includes(name), `${name} is not documented`);
    for (const name of documented) assert.ok(used.includes(name), `${name} is documented and not read`);
  });
}
