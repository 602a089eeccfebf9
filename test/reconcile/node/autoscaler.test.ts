/** What cluster-autoscaler asks the API for, as data, and what it must find there; between its requests node-step passes. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { differences } from "../../conformance/matching.ts";
import { type Asked, createWire, type Wire } from "../../conformance/wire.ts";
import { POOL } from "../../support/builders.ts";
import { idOf, idsTo, infrastructureOf, LATE_SECONDS, nodeOf, poolOf } from "./support/objects.ts";
import { type NodeRig, startNodeRig } from "./support/rig.ts";

const FOLDER = new URL("autoscaler/", import.meta.url);

interface Expected {
  readonly why: string;
  readonly status: number;
  readonly body?: unknown;
}
type Row =
  | (Expected & { readonly ask: Asked & { readonly cluster?: "workload" } })
  /** GET, change, PUT: how client-go updates an object. */
  | (Expected & { readonly put: { readonly path: string; readonly merge: KubernetesObject } })
  | { readonly pass: "node-step" }
  /** The group has these instances from now on. */
  | { readonly cloud: { readonly instances: readonly number[] } }
  /** An instance joins as a Node. */
  | { readonly node: number };

interface Story {
  readonly source: string;
  readonly pool: {
    readonly instances: number;
    readonly annotations: Readonly<Record<string, string>>;
    readonly machines: boolean;
  };
  readonly rows: readonly Row[];
}

interface Stage {
  readonly rig: NodeRig;
  readonly wires: { readonly management: Wire; readonly workload: Wire };
}

const tokenOf = (kubeconfig: string): string => JSON.parse(kubeconfig).users[0].user.token;
const caOf = (kubeconfig: string): string =>
  Buffer.from(JSON.parse(kubeconfig).clusters[0].cluster["certificate-authority-data"], "base64").toString();

async function stage(t: TestContext, { pool }: Story): Promise<Stage> {
  const { instances, annotations, machines } = pool;
  const status = machines ? { infrastructureMachineKind: "AWSMachine" } : {};
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: instances, annotations }),
    infrastructure: infrastructureOf({ ids: idsTo(instances), status }),
    nodes: Array.from({ length: instances }, (_, index) => nodeOf(index + 1)),
  });
  const wire = (server: NodeRig["servers"]["management"]) => {
    const text = server.kubeconfig("cluster-autoscaler", ["system:masters"]);
    const made = createWire({ url: server.url, token: tokenOf(text), ca: caOf(text) });
    t.after(() => made.close());
    return made;
  };
  return { rig, wires: { management: wire(rig.servers.management), workload: wire(rig.servers.workload) } };
}

function merged(before: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const inner = (value: unknown) => (typeof value === "object" && value !== null ? { ...value } : {});
  const entries = Object.entries(changes).map(([key, value]) =>
    typeof value === "object" && value !== null ? [key, merged(inner(before[key]), inner(value))] : [key, value],
  );
  return { ...before, ...Object.fromEntries(entries) };
}

async function put({ wires }: Stage, { path, merge }: { readonly path: string; readonly merge: object }) {
  const { body } = await wires.management.ask({ method: "GET", path });
  return wires.management.ask({ method: "PUT", path, body: merged({ ...(body as object) }, { ...merge }) });
}

async function play(on: Stage, row: Row): Promise<void> {
  const { rig, wires } = on;
  if ("pass" in row) {
    await rig.settle();
  } else if ("cloud" in row) {
    const ids = row.cloud.instances.map(idOf);
    rig.clock.advance(LATE_SECONDS);
    await rig.change(awsMachinePools, POOL, { spec: { providerIDList: ids } }, { replicas: ids.length });
  } else if ("node" in row) {
    const node = nodeOf(row.node);
    await rig.workload.create(nodes, node);
    const body = { status: node.status ?? {} };
    await rig.workload.patch(nodes, { name: node.metadata.name }, { type: "merge", body }, "status");
  } else {
    const answer = "put" in row ? await put(on, row.put) : await wires[row.ask.cluster ?? "management"].ask(row.ask);
    assert.equal(answer.status, row.status, `${row.why}: ${JSON.stringify(answer.body)}`);
    assert.deepEqual(row.body === undefined ? [] : differences(row.body, answer.body), [], row.why);
  }
}

const stories: readonly { readonly name: string; readonly file: string }[] = [
  { name: "the autoscaler discovers the pool, its bounds and its instances", file: "discovery.json" },
  { name: "the autoscaler makes the pool larger through its scale", file: "scale-up.json" },
  { name: "the autoscaler marks a Machine and makes the pool smaller", file: "scale-down-machine.json" },
  {
    name: "without Machines the autoscaler only makes the pool smaller; its taint names the victim",
    file: "scale-down-bare.json",
  },
  { name: "the autoscaler begins with nothing", file: "scale-from-zero.json" },
];
for (const { name, file } of stories)
  test(name, async (t) => {
    const story: Story = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));
    const on = await stage(t, story);
    for (const row of story.rows) await play(on, row);
  });

test("every story that lies here is played", () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), stories.map(({ file }) => file).sort());
});
