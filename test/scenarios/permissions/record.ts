/** Writes down every request of our functions to both clusters and to AWS, with the function that made it. */

import type { Asked } from "../../../infra/local/kubernetes/access.ts";
import { readTarget } from "../../../infra/local/kubernetes/request.ts";
import type { LocalCloud } from "../../../infra/local/local-cloud.ts";
import { ACTIONS, OPERATION_TO_ACTION } from "../../packaging/permissions.ts";

export type Side = "management" | "workload";

export interface KubernetesUse {
  readonly side: Side;
  readonly function: string;
  readonly asked: Asked;
  readonly code: number;
}

export interface AwsUse {
  readonly function: string;
  /** As IAM names it; an operation without a name in IAM stays as the SDK calls it. */
  readonly action: string;
  readonly code: number;
}

export interface Uses {
  readonly kubernetes: readonly KubernetesUse[];
  readonly aws: readonly AwsUse[];
}

const OURS = "lifeguard:";
const FUNCTIONS = Object.keys(ACTIONS);

const clean = (asked: Asked): Asked => {
  const { verb, group, resource, subresource, namespace, name } = asked;
  return { verb, group, resource, subresource, namespace, name };
};

/**
 * The workload cluster sees one user behind its kubeconfig, so who calls is taken where the request leaves.
 * Must begin before the functions run.
 */
export function startRecording({ host, management, workload, aws }: LocalCloud): () => Uses {
  const kubernetes: KubernetesUse[] = [];
  const sent = new Map<string, string[]>();
  for (const name of FUNCTIONS)
    host.kill({
      function: name,
      before: ({ method, path }) => {
        const request = `${method} ${path}`;
        sent.set(request, [...(sent.get(request) ?? []), name]);
        return false;
      },
      times: 1,
    });
  for (const [side, { api }] of [
    ["management", management],
    ["workload", workload],
  ] as const) {
    const handle = api.handle.bind(api);
    api.handle = async (request) => {
      const caller = sent.get(`${request.method} ${request.path}`)?.shift();
      const answer = await handle(request);
      if (caller) {
        const asked = clean(readTarget(request.method, request.path));
        if (asked.resource) kubernetes.push({ side, function: caller, asked, code: answer.code });
      }
      return answer;
    };
  }
  return () => ({
    kubernetes,
    aws: aws.calls
      .filter(({ who }) => who.startsWith(OURS))
      .map(({ who, what, code, server }) => ({
        function: who.slice(OURS.length),
        action: what === "DeleteTags" ? `${server}:${what}` : (OPERATION_TO_ACTION[what] ?? what),
        code,
      })),
  });
}
