/** Definitions: every upstream CRD is taken, and what cannot be honoured is refused by name. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "js-yaml";
import { virtualClock } from "../../../infra/local/clock.ts";
import { ADMIN, createKubernetesApi } from "../../../infra/local/kubernetes/api.ts";
import { gadgets } from "./manifests.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const upstream = new URL("../../../../shared/crds/", import.meta.url);

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: { readonly name: string; readonly served: boolean }[];
  };
}

function server() {
  const api = createKubernetesApi({ clock: virtualClock(new Date(0)), name: "crds" });
  return (method: string, path: string, body?: unknown) => api.handle({ method, path, headers: {}, user: ADMIN, body });
}

const skip = existsSync(upstream) ? false : "the upstream definitions are not beside this repository";
void test("every definition of upstream is taken and served in all its versions", { skip }, async () => {
  const ask = server();
  const files = readdirSync(upstream).filter((name) => name.endsWith(".yaml"));
  assert.ok(files.length > 20);
  for (const file of files) {
    const body = load(readFileSync(new URL(file, upstream), "utf8")) as Definition;
    const { code, body: answer } = await ask("POST", CRDS, body);
    assert.equal(code, 201, `${file}: ${JSON.stringify(answer)}`);
    const { group, names, versions } = body.spec;
    for (const { name, served } of versions)
      assert.equal((await ask("GET", `/apis/${group}/${name}/${names.plural}`)).code, served ? 200 : 404, file);
  }
});

const withSchema = (spec: object) => {
  const [version] = gadgets.spec.versions;
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", ...spec } } } };
  return { ...gadgets, spec: { ...gadgets.spec, versions: [{ ...version, schema }] } };
};
const refused: { name: string; schema: object; says: RegExp }[] = [
  { name: "oneOf", schema: { oneOf: [] }, says: /oneOf: the embedded API does not know this schema keyword/ },
  { name: "not", schema: { not: {} }, says: /\.not: / },
  {
    name: "a set list",
    schema: { properties: { l: { type: "array", "x-kubernetes-list-type": "bag" } } },
    says: /x-kubernetes-list-type/,
  },
  {
    name: "an unknown format",
    schema: { properties: { f: { type: "string", format: "hostname" } } },
    says: /does not check the format "hostname"/,
  },
  {
    name: "a message expression",
    schema: { "x-kubernetes-validations": [{ rule: "true", messageExpression: "'x'" }] },
    says: /messageExpression/,
  },
  {
    name: "a rule that is no CEL",
    schema: { "x-kubernetes-validations": [{ rule: "self ==" }] },
    says: /Invalid value/,
  },
];
for (const { name, schema, says } of refused)
  void test(`a definition with ${name} is refused, and why`, async () => {
    const { code, body } = await server()("POST", CRDS, withSchema(schema));
    assert.equal(code, 422);
    assert.match((body as { message: string }).message, says);
  });

void test("a definition with a conversion webhook is refused, and why", async () => {
  const conversion = { strategy: "Webhook", webhook: { conversionReviewVersions: ["v1"] } };
  const { code, body } = await server()("POST", CRDS, { ...gadgets, spec: { ...gadgets.spec, conversion } });
  assert.equal(code, 422);
  assert.match(
    (body as { message: string }).message,
    /spec.conversion.strategy: Invalid value: .*calls no conversion webhooks/,
  );
});

void test("a definition that changes takes effect at once", async () => {
  const ask = server();
  await ask("POST", CRDS, gadgets);
  const path = "/apis/shop.example.com/v1/namespaces/default/gadgets";
  const sent = { metadata: { name: "g" }, spec: { replicas: 1 } };
  assert.equal((await ask("POST", path, sent)).code, 201);
  const { body } = await ask("GET", `${CRDS}/gadgets.shop.example.com`);
  const { metadata } = body as { metadata: object };
  const tighter = {
    ...withSchema({ properties: { replicas: { type: "integer", minimum: 5, default: 7 } } }),
    metadata,
  };
  assert.equal((await ask("PUT", `${CRDS}/gadgets.shop.example.com`, tighter)).code, 200);
  assert.equal((await ask("POST", path, { ...sent, metadata: { name: "h" } })).code, 422);
  const later = await ask("POST", path, { metadata: { name: "i" }, spec: {} });
  assert.deepEqual((later.body as { spec: object }).spec, { replicas: 7 });
});
