/** What an AWSMachinePool says about each of its instances: the AWSMachine that stands for one, and which are of an older template. */
import type { AwsMachineSpec, AwsMachineStatus } from "../../api/aws/aws-machine.ts";
import type { AwsMachinePool } from "../../api/aws/aws-machine-pool.ts";
import type { InfrastructureMachineWish } from "../../api/core/infrastructure-pool.ts";
import { instanceIdOf } from "./provider-id.ts";

/** The CRD asks for a type; with several in one group only EC2 knows which it became. */
const UNKNOWN_TYPE = "unknown";

/**
 * Copies for people: nothing reads them back. What only EC2 knows (state, addresses) is left out.
 * @returns undefined for a providerID that names no EC2 instance
 * @source  CAPA exp/controllers/awsmachinepool_machines.go, which fills them from DescribeInstances
 */
export function awsMachineOf(pool: AwsMachinePool, providerID: string): InfrastructureMachineWish | undefined {
  const instanceID = instanceIdOf(providerID);
  if (instanceID === undefined) return undefined;
  const template = pool.spec.awsLaunchTemplate ?? {};
  const { ami, iamInstanceProfile, sshKeyName, spotMarketOptions } = template;
  const interruptible = isInterruptible(pool);
  const spec: AwsMachineSpec = {
    providerID,
    instanceID,
    instanceType: instanceTypeOf(pool),
    ...(ami?.id && { ami: { id: ami.id } }),
    ...(iamInstanceProfile && { iamInstanceProfile }),
    ...(sshKeyName && { sshKeyName }),
    ...(spotMarketOptions && { spotMarketOptions }),
  };
  const status: AwsMachineStatus = { ready: true, ...(interruptible && { interruptible }) };
  return { spec: { ...spec }, status: { ...status }, interruptible };
}

function instanceTypeOf({ spec }: AwsMachinePool): string {
  const types = new Set(spec.mixedInstancesPolicy?.overrides?.map(({ instanceType }) => instanceType));
  const [only] = types;
  if (types.size > 1) return UNKNOWN_TYPE;
  return only ?? spec.awsLaunchTemplate?.instanceType ?? UNKNOWN_TYPE;
}

/** A mixed policy that keeps some on demand leaves it open which instance is one: then none is said to be. */
function isInterruptible({ spec }: AwsMachinePool): boolean {
  const { spotMarketOptions, marketType } = spec.awsLaunchTemplate ?? {};
  if (spotMarketOptions || marketType === "Spot") return true;
  const share = spec.mixedInstancesPolicy?.instancesDistribution;
  return share?.onDemandPercentageAboveBaseCapacity === 0 && (share.onDemandBaseCapacity ?? 0) === 0;
}

/** The pool's status gives a version to those that are up to date. */
export function outdatedInstances({ spec, status }: AwsMachinePool): ReadonlySet<string> {
  const old = new Set(status?.instances?.flatMap(({ instanceID, version }) => (version ? [] : [instanceID ?? ""])));
  return new Set(spec.providerIDList?.filter((id) => old.has(instanceIdOf(id) ?? "")));
}
