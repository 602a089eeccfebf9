/** One InstanceTermination with every field there is, and the calls that the CRD's tests make. */
import { after, before } from "node:test";
import type { Hold } from "../../../lib/api/lifecycle/hold.ts";
import {
  type InstanceTermination,
  type InstanceTerminationSpec,
  type InstanceTerminationStatus,
  instanceTerminations,
} from "../../../lib/api/lifecycle/instance-termination.ts";
import { writeStatus } from "../../../lib/kubernetes/merge-status.ts";
import { type AnyApiServer, anyApiServer, installDefinition } from "./any-api-server.ts";

export const CRD_FILE = "infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml";

/** Every optional field becomes a must, so that a new field cannot be forgotten here. */
type Whole<T> = T extends readonly (infer E)[]
  ? readonly Whole<E>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Whole<NonNullable<T[K]>> }
    : T;

export const T0 = "2026-11-25T10:00:00Z";
export const T1 = "2026-11-25T10:02:00Z";
/** Of every cloud; an object has one of them. */
export const holds: Whole<Hold> = {
  autoScaling: { groupName: "workers", hooks: [{ name: "drain", token: "5a1b", heartbeatTimeoutSeconds: 300 }] },
  azureScheduledEvent: {
    eventId: "0FA9C1B4-71D2-4E0B-8B10-5A7E33D2C9F4",
    resourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/workers",
    eventType: "Terminate",
    notBefore: T1,
    machines: ["workers_4"],
  },
};
export const spec: Omit<Whole<InstanceTerminationSpec>, "hold"> & { readonly hold: Hold } = {
  clusterName: "prod",
  machinePoolName: "workers",
  machineName: "workers-x7k2p",
  providerID: "aws:///eu-west-1a/i-0abc",
  cause: "SpotInterruption",
  noticeTime: T0,
  deadlineTime: T1,
  hold: { autoScaling: holds.autoScaling },
  removal: { decrement: true },
  drain: {
    mode: "Drain",
    timeoutSeconds: 600,
    volumeDetachTimeoutSeconds: 120,
    waitBeforeReleaseSeconds: 0,
    onDeadline: "Release",
  },
  dryRun: false,
};
export const status: Whole<InstanceTerminationStatus> = {
  phase: "Draining",
  nodeRef: { name: "ip-10-0-0-1", uid: "0b0e9e1c-0000-4000-8000-000000000000" },
  cordonedByUs: true,
  drainStartTime: T0,
  volumeWaitStartTime: T0,
  lastHeartbeatTime: T0,
  releaseTime: T1,
  holdReleased: true,
  finishTime: T1,
  nextLookTime: T1,
  pods: { total: 20, evicted: 18, remaining: 2 },
  waitingFor: [{ pod: "shop/web-1", reason: "DisruptionBudget", message: "needs 2 healthy pods and has 2 currently" }],
  retryTimes: { "5c0e0000-0000-4000-8000-000000000000": T1 },
  drainedClaims: ["shop/data-web-1"],
  plan: ["evict shop/web-1"],
  conditions: [
    {
      type: "Drained",
      status: "False",
      reason: "Evicting",
      message: "2 pods",
      lastTransitionTime: T0,
      observedGeneration: 1,
    },
  ],
  observedGeneration: 1,
};

let api: AnyApiServer;
/** To be called once by a test file: gives it an API server that knows the CRD. */
export function withDefinition(): void {
  before(async () => {
    api = await anyApiServer();
    await installDefinition(api.client, CRD_FILE, instanceTerminations);
  });
  after(() => api.close());
}
export const theApi = (): AnyApiServer => api;

let made = 0;
export const named = (given: object): InstanceTermination => ({
  apiVersion: instanceTerminations.apiVersion,
  kind: instanceTerminations.kind,
  metadata: { namespace: "default", name: `case-${process.pid}-${made++}` },
  spec: { ...spec, ...given },
});
export const create = (given: object = {}) =>
  api.client.create<InstanceTermination>(instanceTerminations, named(given));
export const patch = ({ metadata }: InstanceTermination, body: object, subresource?: "status") => {
  const at = { namespace: "default", name: metadata.name };
  return api.client.patch<InstanceTermination>(instanceTerminations, at, { type: "merge", body }, subresource);
};
export const write = (object: InstanceTermination, next: InstanceTerminationStatus) =>
  writeStatus<InstanceTerminationStatus, InstanceTermination>(api.client, instanceTerminations, object, next);
