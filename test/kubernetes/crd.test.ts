/** The CRD of InstanceTermination keeps every field of our types, and shows people what they want to see. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  CAUSES,
  type InstanceTermination,
  type InstanceTerminationSpec,
  instanceTerminations,
  PHASES,
} from "../../lib/api/lifecycle/instance-termination.ts";
import { KubernetesError } from "../../lib/kubernetes/errors.ts";
import { httpsSender } from "../../lib/kubernetes/http-exchange.ts";
import { readKubeconfig } from "../../lib/kubernetes/kubeconfig.ts";
import { yamlFile } from "./support/any-api-server.ts";
import {
  CRD_FILE,
  create,
  holds,
  named,
  patch,
  spec,
  status,
  T1,
  theApi,
  withDefinition,
  write,
} from "./support/sample-termination.ts";

withDefinition();

test("every field of the types survives the server, spec and status", async () => {
  const created = await create();
  deepStrictEqual(created.spec, spec);
  const written = await write(created, status);
  deepStrictEqual(written.status, status);
  const read = await theApi().client.get<InstanceTermination>(instanceTerminations, {
    namespace: "default",
    name: created.metadata.name,
  });
  ok(isDeepStrictEqual([read.spec, read.status], [spec, status]));
});

test("the hold of every cloud survives the server", async () => {
  for (const [member, hold] of Object.entries(holds)) {
    const created = await create({ hold: { [member]: hold } });
    deepStrictEqual(created.spec.hold, { [member]: hold });
  }
});

test("an equal status is not written, a stale one is a conflict", async () => {
  const created = await create();
  const first = await write(created, {
    phase: "Pending",
  });
  const same = await write(first, {
    phase: "Pending",
  });
  strictEqual(same, first);
  await rejects(
    write(created, { phase: "Failed" }),
    (error) => error instanceof KubernetesError && error.kind === "conflict",
  );
  const emptied = await write(first, {});
  deepStrictEqual(emptied.status, {});
});

test("the status is a subresource: it is not created along, and writing it changes no generation", async () => {
  const created = await theApi().client.create<InstanceTermination>(instanceTerminations, { ...named({}), status });
  strictEqual(created.status, undefined);
  const written = await patch(created, { status: { phase: "Pending" }, spec: { dryRun: true } }, "status");
  deepStrictEqual([written.metadata.generation, written.spec.dryRun], [1, false]);
  const changed = await patch(created, { spec: { dryRun: true } });
  deepStrictEqual([changed.metadata.generation, changed.status?.phase], [2, "Pending"]);
});

interface Schema {
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
}
const schema = (yamlFile(CRD_FILE) as Definition).spec.versions[0]?.schema.openAPIV3Schema ?? {};
const at = (...path: readonly string[]) =>
  path.reduce<Schema | undefined>((now, field) => now?.properties?.[field], schema);

test("the enums of the CRD and of the types are the same lists", () => {
  deepStrictEqual(at("spec", "cause")?.enum, [...CAUSES]);
  deepStrictEqual(at("status", "phase")?.enum, [...PHASES]);
  const modes = { Drain: true, CordonOnly: true } satisfies Record<
    NonNullable<NonNullable<InstanceTerminationSpec["drain"]>["mode"]>,
    true
  >;
  deepStrictEqual(at("spec", "drain", "mode")?.enum, Object.keys(modes));
  const onDeadline = { Delete: true, Release: true } satisfies Record<
    NonNullable<NonNullable<InstanceTerminationSpec["drain"]>["onDeadline"]>,
    true
  >;
  deepStrictEqual(at("spec", "drain", "onDeadline")?.enum, Object.keys(onDeadline));
});

test("the CRD has no field that the types lack", () => {
  const missing: string[] = [];
  const walk = (known: Schema | undefined, sample: unknown, path: string) => {
    if (known?.items) walk(known.items, (sample as readonly unknown[])[0], `${path}[]`);
    for (const [field, below] of Object.entries(known?.properties ?? {})) {
      const value = (sample as Readonly<Record<string, unknown>>)[field];
      if (value === undefined) missing.push(`${path}.${field}`);
      else walk(below, value, `${path}.${field}`);
    }
  };
  walk(at("spec"), { ...spec, hold: holds }, "spec");
  walk(at("status"), status, "status");
  deepStrictEqual(missing, []);
});

test("kubectl get shows where each instance is on its way out", async () => {
  const created = await create();
  await patch(created, { status }, "status");
  const access = readKubeconfig(theApi().kubeconfig, { name: "test", origin: "test" });
  const { headers, tls } = await access.credentials();
  const answer = await httpsSender()(
    { server: access.server, tls },
    {
      method: "GET",
      path: `/apis/${instanceTerminations.apiVersion}/namespaces/default/${instanceTerminations.plural}/${created.metadata.name}`,
      headers: { ...headers, accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
      signal: AbortSignal.timeout(10_000),
    },
  );
  const table: { columnDefinitions: { name: string; priority: number }[]; rows: { cells: unknown[] }[] } = JSON.parse(
    answer.body,
  );
  const shown = table.columnDefinitions.map(({ name, priority }, index) => [
    name,
    priority,
    table.rows[0]?.cells[index],
  ]);
  deepStrictEqual(
    shown.filter(([name]) => name !== "Age"),
    [
      ["Name", 0, created.metadata.name],
      ["Pool", 0, "workers"],
      ["Node", 0, "ip-10-0-0-1"],
      ["Cause", 0, "SpotInterruption"],
      ["Phase", 0, "Draining"],
      ["Pods", 0, 2],
      ["Deadline", 0, T1],
      ["Instance", 1, "aws:///eu-west-1a/i-0abc"],
      ["Waiting for", 1, "shop/web-1"],
      ["Because", 1, "needs 2 healthy pods and has 2 currently"],
    ],
  );
});
