/** An agent on a machine has said on its Node that the machine will leave: looked up on the Node itself, then recorded. */
import type { Key } from "../api/key.ts";
import { type Node, nodes } from "../api/kubernetes/node.ts";
import { nodeOfKey } from "../api/node-notice.ts";
import { recordLeaving } from "./notice-step.ts";
import type { Outcome, World } from "./step.ts";
import { ignoreNotFound } from "./trouble.ts";

/**
 * Repeatable, as every notice.
 * @param key of a NodeNotice
 * @returns   as recordLeaving
 * @throws    KubernetesError, ProviderError
 */
export async function nodeNoticeStep(world: World, key: Key): Promise<Outcome> {
  const { provider, clusters, now } = world;
  const about = nodeOfKey(key);
  if (!about || !provider.announcedBy) return { did: "ignored", because: "UnknownKind", object: key };
  const workload = await clusters.workload({ namespace: about.namespace, name: about.cluster });
  const node = await workload.get<Node>(nodes, { name: about.node }).catch(ignoreNotFound);
  const notice = node && provider.announcedBy(node, now());
  return notice ? recordLeaving(world, notice) : { did: "ignored", because: "NothingAnnounced", object: key };
}
