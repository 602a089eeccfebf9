/** Writes down every request of our functions on AWS, to both clusters and to AWS. */
import type { LocalCloud } from "../../../infra/local/local-cloud.ts";
import { ACTIONS, OPERATION_TO_ACTION } from "../../packaging/permissions.ts";
import { OURS, recordKubernetes, type Uses } from "./uses.ts";

export type { Uses } from "./uses.ts";

/** Must begin before the functions run. */
export function startRecording(cloud: LocalCloud): () => Uses {
  const kubernetes = recordKubernetes(cloud, Object.keys(ACTIONS));
  return () => ({
    kubernetes,
    cloud: cloud.aws.calls
      .filter(({ who }) => who.startsWith(OURS))
      .map(({ who, what, code, server }) => ({
        function: who.slice(OURS.length),
        // An operation without a name in IAM stays as the SDK calls it.
        action: what === "DeleteTags" ? `${server}:${what}` : (OPERATION_TO_ACTION[what] ?? what),
        code,
      })),
  });
}
