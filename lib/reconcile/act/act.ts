/** Does what was decided: one repeatable write (a batch counts as one), and what the world answered as plain data. */
import { type InstanceTermination, instanceTerminations } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { ActResult, DrainAction } from "../decide/action.ts";
import { NO_WORKLOAD_CLUSTER } from "../decide/drain-action.ts";
import type { DrainView } from "../decide/drain-view.ts";
import { isOwnRemoval } from "../decide/removal.ts";
import { timeOf } from "../decide/time.ts";
import { othersUnready } from "../observe/shared-hold.ts";
import type { World } from "../step.ts";
import { ignoreNotFound, troubleOf, workloadTroubleOf } from "../trouble.ts";
import { cordonByRef, uncordonNode } from "./cordon-node.ts";
import { deleteNode } from "./delete-node.ts";
import { evictPods } from "./evict-pods.ts";
import { announce, dropFinalizer } from "./let-go.ts";
import { takeOut } from "./take-out.ts";

export interface Pass {
  readonly world: World;
  readonly termination: InstanceTermination;
  readonly view: DrainView;
}

/** @throws conflicts (come again) and faults of our own; everything else is in the answer */
export async function act(pass: Pass, action: DrainAction): Promise<ActResult> {
  try {
    return await carryOut(pass, action);
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble) return { trouble };
    throw error;
  }
}

async function carryOut(pass: Pass, action: DrainAction): Promise<ActResult> {
  switch (action.do) {
    case "wait":
      return {};
    case "cordon":
      return inWorkload(pass, async (workload) => {
        const { node } = pass.view;
        if (node.seen === "found") await cordonByRef(workload, node.node);
        return { cordoned: true };
      });
    case "evict":
      return inWorkload(pass, async (workload) => ({
        answers: await evictPods(workload, action, pass.world.settings.evictionParallelism),
      }));
    case "release":
      return release(pass);
    case "delete-node":
      return inWorkload(pass, (workload) => deleteNode(workload, action).then(() => ({})));
    case "finish":
      return action.uncordon ? uncordon(pass, undefined) : {};
    case "let-go":
      return letGo(pass, action);
    case "forget":
      return forget(pass);
  }
}

/** A cluster whose kubeconfig is gone has no Node to care for. */
async function inWorkload(
  { world, termination, view }: Pass,
  work: (workload: KubernetesClient) => Promise<ActResult>,
): Promise<ActResult> {
  const cluster = { namespace: termination.metadata.namespace ?? "", name: view.spec.clusterName };
  let workload: KubernetesClient;
  try {
    workload = await world.clusters.workload(cluster);
  } catch (error) {
    const trouble = workloadTroubleOf(error);
    if (trouble?.reason === NO_WORKLOAD_CLUSTER) return {};
    throw error;
  }
  return work(workload);
}

/** "not-held" is success too: the cloud holds nothing any more; the next pass looks at the instance. */
async function release({ world, termination, view }: Pass): Promise<ActResult> {
  const { spec } = view;
  if (isOwnRemoval(spec)) return takeOut(world.provider, spec);
  if (!spec.hold || !world.provider.release) return { release: "not-held" };
  const heldFor = await othersUnready(world, termination);
  if (heldFor.length > 0) return { heldFor };
  return { release: await world.provider.release(spec.providerID, spec.hold) };
}

const uncordon = (pass: Pass, cancelledTime: string | undefined): Promise<ActResult> =>
  inWorkload(pass, async (workload) => {
    const { node } = pass.view;
    if (node.seen === "found") await uncordonNode(workload, node.node, cancelledTime);
    return {};
  });

async function letGo(pass: Pass, action: Extract<DrainAction, { do: "let-go" }>): Promise<ActResult> {
  const { world, termination, view } = pass;
  const time = timeOf(view.nowSeconds);
  if (action.uncordon) await uncordon(pass, time);
  if (action.because !== "Over") {
    const message = cancelMessage(view, action);
    await announce(world.clusters.management, termination, { reason: "DrainCancelled", message, time });
  }
  await dropFinalizer(world.clusters.management, termination);
  return {};
}

function cancelMessage(
  { spec, hold, node }: DrainView,
  { uncordon: isUndone, holdIsLeft }: { readonly uncordon: boolean; readonly holdIsLeft: boolean },
): string {
  const name = node.seen === "found" ? `Node ${node.node.name}` : "The Node";
  const cordon = isUndone ? `${name} got back what we had changed.` : `${name} was not changed by us.`;
  const left = holdIsLeft ? ` Not released and left to the cloud: ${hold?.names.join(", ") ?? ""}.` : "";
  return `The drain of ${spec.providerID} was cancelled because its InstanceTermination was deleted. ${cordon}${left}`;
}

async function forget({ world, termination }: Pass): Promise<ActResult> {
  const { namespace = "", name, uid } = termination.metadata;
  await dropFinalizer(world.clusters.management, termination);
  await world.clusters.management
    .delete(instanceTerminations, { namespace, name }, uid ? { uid } : {})
    .catch(ignoreNotFound);
  return {};
}
