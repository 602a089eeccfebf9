/** Who waits for which hook, since when, and how each wait ended: the cloud's own book, read after every step. */
import type { ShownHold } from "../clouds/simulated-cloud.ts";
import type { Scene } from "../scene.ts";

export interface Wait {
  readonly instanceId: string;
  readonly hook: string;
  readonly token: string;
  readonly startedAt: number;
  readonly heartbeatSeconds: number;
  /** No heartbeat leads beyond; milliseconds. */
  readonly lastAt: number;
  beatAt: number;
  /** We let it go. */
  isReleased: boolean;
}

export interface Hooks {
  /** Notices what began and ended since the last call. */
  look(): { readonly ended: readonly Wait[] };
  open(instanceId: string, hook: string): Wait | undefined;
  /** The last moments of the waits of an instance, those that are over too; milliseconds. */
  endsOf(instanceId: string): readonly number[];
  all(): readonly Wait[];
}

export function createHooks({ cloud, time }: Scene): Hooks {
  const open = new Map<string, Wait>();
  const ends = new Map<string, number[]>();
  const begin = ({ instanceId, hook, token, heartbeatSeconds, mostSeconds }: ShownHold) => {
    const now = time.now();
    const lastAt = now + mostSeconds * 1000;
    open.set(token, {
      instanceId,
      hook,
      token,
      startedAt: now,
      heartbeatSeconds,
      lastAt,
      beatAt: now,
      isReleased: false,
    });
    ends.set(instanceId, [...(ends.get(instanceId) ?? []), lastAt]);
  };
  return {
    look: () => {
      const waiting = cloud.holds();
      if (waiting.length === 0 && open.size === 0) return { ended: [] };
      for (const one of waiting) if (!open.has(one.token)) begin(one);
      const tokens = new Set(waiting.map(({ token }) => token));
      const ended = [...open.values()].filter(({ token }) => !tokens.has(token));
      for (const { token } of ended) open.delete(token);
      return { ended };
    },
    open: (instanceId, hook) => [...open.values()].find((one) => one.instanceId === instanceId && one.hook === hook),
    endsOf: (instanceId) => ends.get(instanceId) ?? [],
    all: () => [...open.values()],
  };
}
