/** Kinds of infrastructure pools that this deployment has a provider for. */
import type { Resource } from "../api/kubernetes/meta.ts";
import type { PoolWorld, World } from "./step.ts";

export const servedKinds = (world: World | PoolWorld): readonly Resource[] => [
  world.provider.pools.resource,
  ...("poolProviders" in world ? world.poolProviders.map(({ kind }) => kind.resource) : []),
];
