/** A full audit batch to keys, beside bare JSON.parse of the same bytes. */
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { auditEventsOf, auditHints } from "../../lib/kubernetes/audit-event.ts";
import { median, noted, type Row, timed } from "./row.ts";

/** kube-apiserver's default --audit-webhook-batch-max-size. */
const EVENTS = 400;
const ROUNDS = 300;
const LEAST_SHARE = 0.8;

const serviceAccount = (id: string) => ({
  username: "system:serviceaccount:capa-system:capa-controller-manager",
  uid: id,
  groups: ["system:serviceaccounts", "system:serviceaccounts:capa-system", "system:authenticated"],
  extra: {
    "authentication.kubernetes.io/credential-id": [`JTI=${id}`],
    "authentication.kubernetes.io/node-name": ["ip-10-0-1-23.eu-west-1.compute.internal"],
    "authentication.kubernetes.io/node-uid": [id],
    "authentication.kubernetes.io/pod-name": ["capa-controller-manager-6d5f7c9b8-x2x7k"],
    "authentication.kubernetes.io/pod-uid": [id],
  },
});

const ALLOWED =
  'RBAC: allowed by ClusterRoleBinding "capa-manager-rolebinding" of ClusterRole "capa-manager-role" to ' +
  'ServiceAccount "capa-controller-manager/capa-system"';

/** Level Metadata, as kube-apiserver writes it for a service account; four of ten are about objects that nobody asked for. */
function auditEvent(index: number): unknown {
  const ours = index % 10 < 6;
  const resource = ours ? "awsmachinepools" : "leases";
  const apiGroup = ours ? "infrastructure.cluster.x-k8s.io" : "coordination.k8s.io";
  const [namespace, name] = [`team-${index % 11}`, `pool-${index % 37}`];
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  return {
    level: "Metadata",
    auditID: id,
    stage: "ResponseComplete",
    requestURI: `/apis/${apiGroup}/v1beta2/namespaces/${namespace}/${resource}/${name}?fieldManager=capa&timeout=10s`,
    verb: "patch",
    user: serviceAccount(id),
    sourceIPs: ["10.0.1.23"],
    userAgent: "manager/v2.9.1 (linux/amd64) cluster-api-provider-aws/unknown",
    objectRef: {
      resource,
      namespace,
      name,
      uid: id,
      apiGroup,
      apiVersion: "v1beta2",
      resourceVersion: `${100_000 + index}`,
    },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: "2026-11-22T10:00:00.123456Z",
    stageTimestamp: "2026-11-22T10:00:00.130456Z",
    annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ALLOWED },
  };
}

function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

export function auditRows(): readonly Row[] {
  const items = Array.from({ length: EVENTS }, (_, index) => auditEvent(index));
  const bytes = Buffer.from(JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items }));
  const parse = () => JSON.parse(bytes.toString("utf8")) as unknown;
  const toKeys = () => {
    const events = auditEventsOf(parse()) ?? [];
    return auditHints(events, { ownUsers: ["lifeguard:drain-continued"], kinds: [awsMachinePools] });
  };
  const { keys, counted: verdicts } = toKeys();
  if (verdicts.hint !== 240 || keys.length === 0) throw new Error("the batch does not mean what it should mean");
  const [bare, ours]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(milliseconds(parse));
    ours.push(milliseconds(toKeys));
  }
  const share = median(bare) / median(ours);
  return [
    noted(
      `audit batch of ${EVENTS} events`,
      `${(bytes.length / 1000).toFixed(0)} KB, ${median(ours).toFixed(2)} ms, ${keys.length} keys`,
    ),
    timed(
      "audit batch: speed of bare JSON.parse",
      `${(share * 100).toFixed(0)} %`,
      `>= ${LEAST_SHARE * 100} %`,
      share >= LEAST_SHARE,
    ),
  ];
}
