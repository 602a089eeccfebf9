/** The audit policy for workload clusters, through the embedded API's webhook: changed Nodes, and what agents say on them. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../../infra/local/clock.ts";
import type { AuditPolicy } from "../../infra/local/kubernetes/audit.ts";
import { startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../infra/local/tls.ts";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { announcingNodes } from "../../lib/kubernetes/announcing-nodes.ts";
import { auditEventsOf, auditHints } from "../../lib/kubernetes/audit-event.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { ANNOUNCING_CONDITIONS } from "../../lib/providers/azure/announced-by-node.ts";
import { aPod } from "../support/builders.ts";
import { yamlFile } from "./support/any-api-server.ts";
import { scriptedServer } from "./support/scripted-server.ts";

const SPOT = { type: "PreemptionScheduled", status: "True", message: "Preempt Scheduled: in 30 s" };

test("a Node that is made and one that is labelled are told, and of a status what an agent says", {
  timeout: 20_000,
}, async (t) => {
  const receiver = await scriptedServer(t, () => ({}));
  const server = await startKubernetes({
    clock: realClock(),
    name: "workload",
    authority: await createAuthority(),
    audit: {
      url: `${receiver.url}/clusters/team-a/blue`,
      token: "audit-token",
      caPem: receiver.authority.caPem,
      policy: yamlFile("infra/kubernetes/workload-audit-policy.yaml") as AuditPolicy,
      batchMaxWaitSeconds: 0,
    },
  });
  const as = (user: string) =>
    connect(async () => server.kubeconfig(user), { name: user, origin: "a test" }).client(undefined);
  const [kubelet, agent, person, ours] = ["system:node:n-1", "system:node:n-2", "jane", "lifeguard"].map(as);
  ok(kubelet && agent && person && ours);
  const label = { type: "merge", body: { metadata: { labels: { team: "shop" } } } } as const;
  const say = (...conditions: object[]) => ({ type: "merge", body: { status: { conditions } } }) as const;
  for (const name of ["n-1", "n-2", "n-3"])
    await person.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name } });
  await kubelet.patch(nodes, { name: "n-1" }, say({ type: "Ready", status: "True" }), "status");
  await agent.patch(nodes, { name: "n-2" }, say(SPOT), "status");
  await ours.patch(nodes, { name: "n-3" }, label);
  await person.patch(nodes, { name: "n-3" }, label);
  await person.create(pods, aPod());
  while ((server.audit?.delivered() ?? 0) < 6) await new Promise(setImmediate);
  await server.close();
  const events = receiver.asked.flatMap(({ body }) => auditEventsOf(JSON.parse(body)) ?? []);
  const { counted } = auditHints(events, { ownUsers: [], kinds: [nodes] });
  deepStrictEqual([events.length, counted.hint, counted.statusOnly], [6, 4, 2]);
  deepStrictEqual(announcingNodes(events, ANNOUNCING_CONDITIONS), ["n-2"]);
});
