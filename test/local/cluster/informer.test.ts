/** The informer keeps up with an API server that cuts it off, forgets its place, or goes away. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { KubeConfig } from "@kubernetes/client-node";
import { virtualClock } from "../../../infra/local/clock.ts";
import { startInformer } from "../../../infra/local/cluster/informer.ts";
import { type LocalKubernetes, startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import type { Resource } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";

async function rig(story: TestContext) {
  const clock = virtualClock(new Date("2026-01-05T10:00:00Z"));
  const server = await startKubernetes({ clock, name: "workload", authority: await createAuthority() });
  story.after(() => server.close());
  const text = server.kubeconfig("admin");
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(text);
  const client = connect(() => Promise.resolve(text), { name: "test", origin: "test" }).client(undefined);
  const problems: string[] = [];
  let changes = 0;
  const options = {
    kubeconfig,
    clock,
    onChange: () => void changes++,
    onProblem: (said: string) => void problems.push(said),
  };
  return {
    server,
    problems,
    changes: () => changes,
    start: async (resource: Resource = nodes) => {
      const informer = await startInformer(resource, options);
      story.after(() => informer?.close());
      return informer;
    },
    pass: (seconds: number) => clock.run({ maxSeconds: seconds }),
    create: (name: string) => client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name } }),
    relabel: (name: string, color: string) =>
      client.patch(nodes, { name }, { type: "merge", body: { metadata: { labels: { color } } } }),
    remove: (name: string) => client.delete(nodes, { name }),
  };
}

/** What befalls the watch before "second" is created; afterwards the copy must hold both Nodes all the same. */
const mishaps: readonly {
  readonly name: string;
  readonly befall: (server: LocalKubernetes) => void;
  readonly said: number;
}[] = [
  { name: "nothing", befall: () => {}, said: 0 },
  {
    name: "its place in history is forgotten",
    befall: (server) => {
      const body = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } };
      server.inject({ match: { path: /watch=1/ }, times: 1, code: 200, body });
    },
    said: 0,
  },
  {
    name: "the watch is refused",
    befall: (server) => server.inject({ match: { path: /watch=1/ }, times: 1, code: 503 }),
    said: 0,
  },
  {
    name: "the connection is cut",
    befall: (server) => server.inject({ match: { path: /watch=1/ }, times: 1, drop: true }),
    said: 1,
  },
  {
    name: "the list is refused, too",
    befall: (server) => {
      server.inject({ match: { path: /watch=1/ }, times: 1, drop: true });
      server.inject({ match: { path: /nodes$/ }, times: 2, code: 500 });
    },
    said: 3,
  },
];

for (const { name, befall, said } of mishaps)
  test(`the copy is whole again when this befalls: ${name}`, async (story) => {
    const world = await rig(story);
    await world.create("first");
    const informer = await world.start();
    await world.pass(1);
    befall(world.server);
    world.server.down();
    world.server.up();
    await world.create("second");
    await world.pass(10);
    await world.relabel("first", "red");
    await world.pass(1);
    const seen = informer?.items().map(({ metadata }) => `${metadata.name} ${metadata.labels?.color ?? "plain"}`);
    deepEqual(seen?.sort(), ["first red", "second plain"]);
    equal(world.problems.length, said);
  });

test("a Node that is deleted while nobody watches leaves the copy, and an older answer does not bring it back", async (story) => {
  const world = await rig(story);
  const first = await world.create("first");
  const informer = await world.start();
  world.server.inject({ match: { path: /watch=1/ }, times: 2, drop: true });
  world.server.down();
  world.server.up();
  await world.remove("first");
  await world.pass(10);
  deepEqual(informer?.items(), []);
  equal(informer?.observe(first), false);
});

test("a change is told once, also when our own write told it before", async (story) => {
  const world = await rig(story);
  const informer = await world.start();
  const before = world.changes();
  informer?.observe(await world.create("first"));
  await world.pass(2);
  equal(world.changes(), before);
});

test("a resource that is not served has no informer, and a server that fails at first is an error", async (story) => {
  const world = await rig(story);
  equal(await world.start({ apiVersion: "example.com/v1", plural: "nothings", kind: "Nothing" }), undefined);
  world.server.inject({ match: {}, times: 1, code: 500 });
  await rejects(world.start(), /list nodes: HTTP 500/);
});
