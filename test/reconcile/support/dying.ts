/** A world in which an invocation dies at its n-th call, before or after the call took effect. */
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import type { World } from "../../../lib/reconcile/step.ts";

export class Died extends Error {
  override readonly name = "Died";
}

/** @param after the call takes effect, its answer is lost */
export function dyingWorld(world: World, atCall: number, after: boolean): World {
  let calls = 0;
  const around = <T>(call: () => Promise<T>): Promise<T> => {
    calls++;
    if (calls < atCall) return call();
    if (calls > atCall || !after) return Promise.reject(new Died(`before call ${calls}`));
    return call().then(() => Promise.reject(new Died(`after call ${calls}`)));
  };
  const client = (inner: KubernetesClient): KubernetesClient => ({
    get: (resource, place) => around(() => inner.get(resource, place)),
    list: async function* <T>(...query: Parameters<KubernetesClient["list"]>) {
      const pages: (readonly T[])[] = [];
      await around(async () => {
        for await (const page of inner.list(...query)) pages.push(page as readonly T[]);
      });
      yield* pages;
    } as KubernetesClient["list"],
    create: (resource, body) => around(() => inner.create(resource, body)),
    patch: (resource, place, patch, subresource) => around(() => inner.patch(resource, place, patch, subresource)),
    delete: (resource, place, options) => around(() => inner.delete(resource, place, options)),
    createSubresource: (resource, place, subresource, body) =>
      around(() => inner.createSubresource(resource, place, subresource, body)),
  });
  const { provider, clusters } = world;
  const heartbeat = provider.heartbeat?.bind(provider);
  const release = provider.release?.bind(provider);
  return {
    ...world,
    clusters: {
      management: client(clusters.management),
      workload: async (cluster) => client(await clusters.workload(cluster)),
    },
    provider: {
      ...provider,
      locate: (instanceId) => around(() => provider.locate(instanceId)),
      observeInstance: (providerID, hold) => around(() => provider.observeInstance(providerID, hold)),
      ...(heartbeat && { heartbeat: (providerID, hold) => around(() => heartbeat(providerID, hold)) }),
      ...(release && { release: (providerID, hold) => around(() => release(providerID, hold)) }),
    },
  };
}
