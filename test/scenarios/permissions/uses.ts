/** What our functions asked for: of both clusters, written down with the function that asked; of the cloud, as its own log has it. */
import { ok } from "node:assert/strict";
import type { StoryClock } from "../../../infra/local/clock.ts";
import type { Asked } from "../../../infra/local/kubernetes/access.ts";
import { readTarget } from "../../../infra/local/kubernetes/request.ts";
import type { LocalBase } from "../../../infra/local/local-cloud.ts";
import type { PoolStage } from "../../../infra/local/stories/full/pool-stage.ts";
import { startSeeing } from "../../../infra/local/stories/full/seen.ts";
import type { PoolStory } from "../../../infra/local/stories/full/story.ts";

export type Side = "management" | "workload";

export interface KubernetesUse {
  readonly side: Side;
  readonly function: string;
  readonly asked: Asked;
  readonly code: number;
}

export interface CloudUse {
  readonly function: string;
  /** As the cloud's roles name it. */
  readonly action: string;
  readonly code: number;
}

export interface Uses {
  readonly kubernetes: readonly KubernetesUse[];
  readonly cloud: readonly CloudUse[];
}

/** Of a function's name in the cloud's log of calls, and of its user in Kubernetes. */
export const OURS = "lifeguard:";

const clean = (asked: Asked): Asked => {
  const { verb, group, resource, subresource, namespace, name } = asked;
  return { verb, group, resource, subresource, namespace, name };
};

/**
 * The workload cluster sees one user behind its kubeconfig, so who calls is taken where the request leaves.
 * Must begin before the functions run.
 */
export function recordKubernetes(
  { host, management, workload }: Pick<LocalBase, "host" | "management" | "workload">,
  functions: readonly string[],
): readonly KubernetesUse[] {
  const kubernetes: KubernetesUse[] = [];
  const sent = new Map<string, string[]>();
  for (const name of functions)
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
  return kubernetes;
}

const merge = (all: readonly Uses[]): Uses => ({
  kubernetes: all.flatMap(({ kubernetes }) => kubernetes),
  cloud: all.flatMap(({ cloud }) => cloud),
});

async function inTurn(plays: readonly (() => Promise<Uses>)[]): Promise<Uses> {
  const all: Uses[] = [];
  for (const play of plays) all.push(await play());
  return merge(all);
}

/** Each row in turn, the rows at the same time: a local cloud stands still while its sockets are waited for. */
export const playRows = async (rows: readonly (readonly (() => Promise<Uses>)[])[]): Promise<Uses> =>
  merge(await Promise.all(rows.map(inTurn)));

export interface Played<On> {
  readonly clock: StoryClock;
  readonly stage: On;
  readonly close: () => Promise<void>;
}

/** The acts of one story in turn, without its time of rest. */
export async function usesOfActs<On extends PoolStage>(
  { name, acts }: PoolStory<On>,
  { clock, stage, close }: Played<On>,
  startRecording: (cloud: On["cloud"]) => () => Uses,
): Promise<Uses> {
  try {
    const uses = startRecording(stage.cloud);
    const count = startSeeing(stage);
    for (const { title, begin, isDone, maxSeconds } of acts) {
      await begin(stage);
      ok(await clock.run({ maxSeconds, done: () => isDone(stage, count) }), `${name} does not end: ${title}`);
    }
    return uses();
  } finally {
    await close();
  }
}
