/** Two instances with their Machines and infrastructure machines, as a settled pool keeps them. */
import type { TestContext } from "node:test";
import { awsMachines } from "../../../../lib/api/aws/aws-machine.ts";
import { type Machine, machines } from "../../../../lib/api/core/machine.ts";
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import { POOL } from "../../../support/builders.ts";
import { idsTo, infrastructureOf, nodeOf, type PoolWishes, poolOf } from "./objects.ts";
import { type NodeRig, startNodeRig } from "./rig.ts";

export const KIND = { infrastructureMachineKind: "AWSMachine" };
export const pair = (wishes: PoolWishes = {}) => ({
  pool: poolOf({ replicas: 2, ...wishes }),
  infrastructure: infrastructureOf({ ids: idsTo(2), status: KIND }),
  nodes: [nodeOf(1, { version: "v1.33.1" }), nodeOf(2, { version: "v1.33.1" })],
});
export const machineOf = (rig: NodeRig, number: number) => rig.read<Machine>(machines, `${POOL}-i-${number}`);
export const infraOf = (rig: NodeRig, number: number) =>
  rig.read<KubernetesObject & { spec: object; status?: object }>(awsMachines, `${POOL}-i-${number}`);
export const said = (machine: Machine | undefined, type: string) => {
  const found = machine?.status?.conditions?.find((one) => one.type === type);
  return `${found?.status} ${found?.reason}`;
};

export async function settled(t: TestContext, wishes: PoolWishes = {}): Promise<NodeRig> {
  const rig = await startNodeRig(t, pair(wishes));
  await rig.settle();
  rig.forgetCalls();
  return rig;
}
