/** Whatever is wrong with a request or with one pool is answered or said there, and the pool beside it does not notice. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { z } from "zod";
import { clusterObjects, WATCH_FILTER } from "../../../infra/local/stories/full/manifests.ts";
import { type FullScene, openFullScene } from "../../../infra/local/stories/full/open.ts";
import { createWhole } from "../../../infra/local/stories/full/pool-stage.ts";
import { isAtRest } from "../../../infra/local/stories/full/story.ts";
import { NAMESPACE, POOL } from "../../../infra/local/stories/stage.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { kubeconfigSecretName } from "../../../lib/api/core/cluster.ts";
import { WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Secret, secrets } from "../../../lib/api/kubernetes/secret.ts";

let scene: FullScene;
before(async () => {
  scene = await openFullScene({ pool: {} });
  await applyBadPools(scene);
  await scene.clock.run({ maxSeconds: 60 });
});
after(() => scene.close());

const of = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }) => ({ apiVersion, kind });
const labels = { [WATCH_FILTER_LABEL]: WATCH_FILTER };

/** Of no instances, so that nothing boots beside the good one. */
function poolsOf(name: string, { clusterName = "shop", kind = awsMachinePools.kind as string }): readonly object[] {
  const metadata = { name, namespace: NAMESPACE, labels };
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind, name };
  const spec = { clusterName, version: "v1.34.1", bootstrap: { dataSecretName: `${POOL}-data` }, infrastructureRef };
  const pool = { ...of(machinePools), metadata, spec: { clusterName, replicas: 0, template: { spec } } };
  const group = { minSize: 0, maxSize: 1, awsLaunchTemplate: { instanceType: "m7g.large" } };
  return ["nowhere", "future"].includes(name) ? [pool] : [{ ...of(awsMachinePools), metadata, spec: group }, pool];
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function applyBadPools({ stage: { management, cloud } }: FullScene): Promise<void> {
  for (const name of ["keyless", "dark"]) {
    const named = clusterObjects(cloud.aws.cloud).map((object) => ({
      ...object,
      metadata: { ...object.metadata, name },
      ...(object.kind === "Cluster" && {
        spec: { infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AWSCluster", name } },
      }),
    }));
    await createWhole(management, named);
  }
  const kubeconfig = cloud.workload.kubeconfig("lifeguard", ["lifeguard:pool-continued"]);
  const dark = kubeconfig.replace(/https:\/\/[^\s"]+/, `https://127.0.0.1:${await closedPort()}`);
  await management.create<Secret>(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: kubeconfigSecretName("dark"), namespace: NAMESPACE },
    data: { value: Buffer.from(dark).toString("base64") },
  });
  await createWhole(management, [
    ...poolsOf("nowhere", {}),
    ...poolsOf("future", { kind: "AWSQuantumPool" }),
    ...poolsOf("keyless", { clusterName: "keyless" }),
    ...poolsOf("dark", { clusterName: "dark" }),
    ...poolsOf("orphan", { clusterName: "no-such-cluster" }),
  ]);
}

const conditionOf = (pool: string, type: string) => {
  const found = scene.stage.pools.items<MachinePool>(machinePools).find(({ metadata }) => metadata.name === pool);
  const said = found?.status?.conditions?.find((one) => one.type === type);
  return `${said?.status} ${said?.reason}: ${said?.message}`;
};

const said: { name: string; pool: string; type: string; want: RegExp }[] = [
  {
    name: "an infrastructureRef that points nowhere",
    pool: "nowhere",
    type: "InfrastructureReady",
    want: /^False DoesNotExist: could not find infra reference of kind AWSMachinePool with name nowhere$/,
  },
  {
    name: "a cluster without its kubeconfig Secret",
    pool: "keyless",
    type: "MachinesReady",
    want: /^Unknown InspectionFailed: .*keyless-kubeconfig/,
  },
  {
    name: "a workload API that is down",
    pool: "dark",
    type: "MachinesReady",
    want: /^Unknown ConnectionDown: /,
  },
  {
    name: "a Cluster that does not exist",
    pool: "orphan",
    type: "Available",
    want: /^False NotAvailable: \* there is no Cluster no-such-cluster in this namespace: create it, or delete the pool$/,
  },
];
for (const { name, pool, type, want } of said)
  test(`${name}: the pool says so in its condition ${type}`, () => match(conditionOf(pool, type), want));

const line = z.looseObject({
  did: z.string(),
  because: z.string().optional(),
  object: z.string().optional(),
  counted: z.record(z.string(), z.number()).optional(),
});
const outcomes = () =>
  scene.stage.cloud.host.invocations.flatMap(({ logs }) => logs.flatMap((one) => line.safeParse(one).data ?? []));

test("an infrastructureRef to a kind from the future: nothing is written, and the pass says why", () => {
  const told = outcomes().filter(({ object }) => object === `${NAMESPACE}/future`);
  ok(told.some(({ did, because }) => did === "ignored" && because === "OtherProvider"));
  // What leads to a pool that leads back would go round for ever.
  ok(told.length < 20, `${told.length} lines about it in a minute`);
  strictEqual(conditionOf("future", "Available"), "undefined undefined: undefined");
});

const event = (more: object = {}) => ({
  stage: "ResponseComplete",
  verb: "patch",
  user: { username: "jane" },
  objectRef: { resource: "machinepools", apiGroup: "cluster.x-k8s.io", namespace: NAMESPACE, name: POOL },
  ...more,
});
const listOf = (items: readonly unknown[], apiVersion = "audit.k8s.io/v1") =>
  JSON.stringify({ kind: "EventList", apiVersion, items });
const future = event({
  objectRef: { resource: "quantumpools", apiGroup: "cluster.x-k8s.io", apiVersion: "v9", name: "q" },
});
const garbage = [
  null,
  7,
  "text",
  [],
  {},
  { verb: 1 },
  event({ objectRef: "x" }),
  event({ objectRef: { resource: 3 } }),
];

interface Post {
  readonly name: string;
  readonly body: string;
  readonly token?: string;
  readonly want: {
    readonly status: number;
    readonly text: string;
    readonly counted?: Readonly<Record<string, number>>;
  };
}
const posts: Post[] = [
  { name: "a wrong token", body: listOf([event()]), token: "wrong", want: { status: 401, text: "unauthorized" } },
  {
    name: "a batch of 10,000 events",
    body: listOf(Array.from({ length: 10_000 }, () => event())),
    want: { status: 200, text: "", counted: { keys: 1, auditEventsHint: 10_000 } },
  },
  {
    name: "garbage among the items",
    body: listOf([...garbage, event()]),
    want: { status: 200, text: "", counted: { keys: 1, auditEventsHint: 1, auditEventsMalformed: garbage.length } },
  },
  {
    name: "an event about a kind from the future",
    body: listOf([future, event()]),
    want: { status: 200, text: "", counted: { keys: 1, auditEventsHint: 1, auditEventsForeign: 1 } },
  },
  {
    name: "a list from the future",
    body: JSON.stringify({ kind: "EventStream", apiVersion: "audit.k8s.io/v2", items: [event()] }),
    want: { status: 400, text: "expected an audit.k8s.io EventList" },
  },
];

const post = ({ body, token = scene.stage.cloud.auditToken }: Pick<Post, "body" | "token">) =>
  fetch(`${scene.stage.cloud.host.url}/audit`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body,
  });

for (const { name, body, token, want } of posts) {
  test(`${name} is answered with ${want.status}, and nothing else waits for it`, async () => {
    const answer = await post({ body, ...(token !== undefined && { token }) });
    deepStrictEqual([answer.status, (await answer.text()).trimEnd()], [want.status, want.text]);
    if (want.counted)
      deepStrictEqual(outcomes().findLast(({ did, counted }) => did === "queued" && counted)?.counted, want.counted);
  });
}

test("a body that is too large is answered with 413", async () => {
  strictEqual((await post({ body: listOf([event({ note: "x".repeat(6 * 1024 * 1024) })]) })).status, 413);
});

test("the pool beside them runs all the while, and is scaled as fast as ever", async () => {
  const { stage, clock } = scene;
  match(conditionOf(POOL, "Available"), /^True Available/);
  await stage.scaleTo(2);
  ok(await clock.run({ maxSeconds: 120, done: () => isAtRest(stage, 2) }), JSON.stringify(stage.machinePool()?.status));
  const failed = stage.cloud.host.invocations.filter(({ outcome }) => outcome !== "ok");
  deepStrictEqual(failed, []);
});
