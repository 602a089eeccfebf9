/** Runs the cases of cases/*.json against the embedded API, or against the server of KUBE_API_URL and KUBE_API_TOKEN. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { realClock } from "../../infra/local/clock.ts";
import { startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../infra/local/tls.ts";
import { differences } from "./matching.ts";
import { type Asked, createWire, type Wire } from "./wire.ts";

interface Step {
  readonly request: Asked;
  readonly expect: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly body?: unknown;
    /** The request is a watch: exactly these come first. */
    readonly events?: readonly unknown[];
  };
  /** Name -> path in the body, e.g. {"uid": "metadata.uid"}; later steps write ${uid}. */
  readonly save?: Readonly<Record<string, string>>;
  /** Asked again until the answer is as expected: for what the server does a moment later. */
  readonly eventually?: boolean;
}

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Why only the embedded API can show it. */
  readonly embeddedOnly?: string;
}

const folder = new URL("./cases/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const load = <T>(url: URL): T => JSON.parse(readFileSync(url, "utf8")) as T;
const definitions = load<{ spec: { names: { plural: string } } }[]>(new URL("./definitions.json", import.meta.url));
const cases = files.flatMap((file) =>
  load<Case[]>(new URL(file, folder)).map((it) => ({ ...it, name: `${file}: ${it.name}` })),
);

const { KUBE_API_URL: realUrl, KUBE_API_TOKEN: realToken } = process.env;
const run = randomBytes(4).toString("hex");
const group = `g${run}.example.com`;
const PATIENCE_MILLISECONDS = 20_000;

let wire: Wire;
let close = () => Promise.resolve();

async function connect(): Promise<Wire> {
  if (realUrl && realToken) return createWire({ url: realUrl, token: realToken });
  const authority = await createAuthority();
  const tokens = [["conformance", { name: "admin", groups: ["system:masters"] }]] as const;
  const server = await startKubernetes({ clock: realClock(), name: "conformance", authority, tokens });
  close = () => server.close();
  return createWire({ url: server.url, token: "conformance", ca: authority.caPem });
}

type Variables = Record<string, string>;
const filled = <T>(value: T, variables: Variables): T =>
  JSON.parse(
    JSON.stringify(value).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? `unknown-${name}`),
  ) as T;

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], value);

async function attempt({ request, expect }: Step): Promise<{ wrong: string[]; body: unknown }> {
  if (expect.events) {
    const { status, events } = await wire.watch(request, expect.events.length);
    return {
      wrong: [...differences(expect.status, status, "status"), ...differences(expect.events, events, "events")],
      body: {},
    };
  }
  const { status, headers, body } = await wire.ask(request);
  const wrong = [
    ...differences(expect.status, status, "status"),
    ...differences(expect.headers ?? {}, headers, "headers"),
    ...(expect.body === undefined ? [] : differences(expect.body, body)),
  ];
  return { wrong: wrong.length > 0 ? [...wrong, `answer: ${JSON.stringify(body)}`] : wrong, body };
}

async function settle(step: Step): Promise<{ wrong: string[]; body: unknown }> {
  const limit = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const result = await attempt(step);
    if (!step.eventually || result.wrong.length === 0 || performance.now() > limit) return result;
  }
}

async function play(steps: readonly Step[], variables: Variables) {
  for (const [index, step] of steps.entries()) {
    const ready = filled(step, variables);
    const { wrong, body } = await settle(ready);
    const { method, path } = ready.request;
    assert.deepEqual(wrong, [], `step ${index + 1}, ${method} ${path}`);
    for (const [name, where] of Object.entries(step.save ?? {})) variables[name] = String(at(body, where));
  }
}

// A fresh definition answers 404, 429 or 503 for a moment while the server installs its handler.
async function define(definition: (typeof definitions)[number]) {
  const body = filled(definition, { group });
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const { plural } = body.spec.names;
  await play(
    [
      { request: { method: "POST", path, body }, expect: { status: 201 } },
      { request: { method: "GET", path: `/apis/${group}/v1/${plural}` }, expect: { status: 200 }, eventually: true },
      {
        request: {
          method: "POST",
          path: `/apis/${group}/v1/namespaces/default/${plural}?dryRun=All`,
          body: { apiVersion: `${group}/v1`, kind: "-" },
        },
        expect: { status: 422 },
        eventually: true,
      },
    ],
    {},
  );
}

before(async () => {
  wire = await connect();
  for (const definition of definitions) await define(definition);
});

after(async () => {
  wire.close();
  await close();
});

void test("every case has a name of its own", () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

for (const [index, { name, steps, embeddedOnly }] of cases.entries()) {
  const skip = realUrl && embeddedOnly ? `the embedded API only: ${embeddedOnly}` : false;
  void test(name, { skip }, async () => {
    const id = `c${index}-${run}`;
    const path = "/api/v1/namespaces";
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: id } };
    await play([{ request: { method: "POST", path, body }, expect: { status: 201 } }, ...steps], { ns: id, id, group });
  });
}
