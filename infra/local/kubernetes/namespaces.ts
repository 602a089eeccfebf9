/** The namespace controller: empties a namespace that is to go, kind by kind, and lets it go once nothing is left in it. */
import type { KubernetesApi } from "./api.ts";
import { type Json, jsonOf, listOf, textOf } from "./object.ts";

const AGAIN_SECONDS = 1;
const USER = { name: "system:serviceaccount:kube-system:namespace-controller", groups: ["system:masters"] };

/** @returns stops it */
export function collectNamespaces(api: KubernetesApi): () => void {
  let stopped = false;
  const ask = (method: string, path: string, body?: object) =>
    api.handle({ method, path, headers: {}, body, user: USER });
  const read = async (path: string): Promise<Json> => jsonOf((await ask("GET", path)).body);

  /** Paths of everything that is kept in the namespace. */
  const content = async (namespace: string): Promise<readonly string[]> => {
    const groups = listOf((await read("/apis")).groups).map(({ preferredVersion }) => jsonOf(preferredVersion));
    const roots = ["/api/v1", ...groups.map(({ groupVersion }) => `/apis/${textOf(groupVersion)}`)];
    const found = roots.map(async (root) => {
      const kinds = listOf((await read(root)).resources).filter(
        ({ namespaced, verbs }) => namespaced === true && Array.isArray(verbs) && verbs.includes("deletecollection"),
      );
      return kinds.map(({ name }) => `${root}/namespaces/${namespace}/${textOf(name)}`);
    });
    return (await Promise.all(found)).flat();
  };
  /** Asks each object once; how many are still there, for a finalizer or a grace. */
  const empty = async (namespace: string): Promise<number> => {
    let left = 0;
    for (const path of await content(namespace)) {
      const items = listOf((await read(path)).items);
      if (items.some(({ metadata }) => !jsonOf(metadata).deletionTimestamp)) await ask("DELETE", path);
      left += listOf((await read(path)).items).length;
    }
    return left;
  };
  const collect = async (namespace: string): Promise<void> => {
    if (stopped) return;
    if ((await empty(namespace)) === 0) {
      await ask("PUT", `/api/v1/namespaces/${namespace}/finalize`, { spec: { finalizers: [] } });
    } else api.clock.after(AGAIN_SECONDS, () => void collect(namespace));
  };

  const going = new Set<unknown>();
  let stop = () => {};
  const watch = async (): Promise<void> => {
    const { watch: stream } = await ask("GET", "/api/v1/namespaces?watch=1");
    if (stopped || !stream) return;
    stop = stream.start(
      ({ object }) => {
        const { name, uid, deletionTimestamp } = jsonOf(object.metadata);
        if (!deletionTimestamp || going.has(uid)) return;
        going.add(uid);
        void collect(textOf(name));
      },
      () => void watch(),
    );
  };
  void watch();
  return () => {
    stopped = true;
    stop();
  };
}
