/** What a seed makes of the world before anything happens: sizes, clocks, workloads, and how unkind everything is. */
import type { NoticePolicy } from "../../lib/providers/event-reading.ts";
import type { Chance } from "./chance.ts";
import { type AzurePlan, azurePlanOf } from "./clouds/azure/plan.ts";
import { AZURE_TROUBLES } from "./clouds/azure/transport.ts";
import { type PoolPlan, poolPlanOf } from "./pools/plan.ts";
import { type RichPlan, richPlanOf } from "./rich.ts";
import type { Risk } from "./wire.ts";
import { type App, appsOf } from "./world/apps.ts";

export interface Plan extends RichPlan {
  readonly instances: number;
  /** Names and heartbeat timeouts of our hooks on the group. */
  readonly hooks: readonly { readonly name: string; readonly heartbeatSeconds: number }[];
  readonly spot: boolean;
  readonly capacityRebalance: boolean;
  readonly apps: readonly App[];
  /** The most that any clock is wrong by. */
  readonly skewSeconds: number;
  readonly rates: Readonly<Record<Risk, Readonly<Record<string, number>>>>;
  readonly hintRates: Readonly<Record<string, number>>;
  /** How slow controllers are to see what happened. */
  readonly lagSeconds: number;
  readonly budgetLagSeconds: number;
  readonly upstreamLagSeconds: number;
  readonly drainTimeoutSeconds: number | undefined;
  readonly rebalancePolicy: NoticePolicy;
  readonly finishedTtlSeconds: number;
  readonly nodeNotFoundSeconds: number;
  readonly stormSeconds: number;
  /** Most of what happens, happens to one of them. */
  readonly hasFocus: boolean;
  /** Set: the pool is ours to reconcile; absent: upstream's controllers keep it. */
  readonly pool?: PoolPlan;
  /** Set: the world stands in Azure; absent: in AWS. */
  readonly azure?: AzurePlan;
}

const WIRE = ["dies before", "dies after", "no answer", "answer lost", "arrives late", "slow"];
const READ = [...WIRE, "429", "429 with Retry-After", "500", "503", "401", "403"];
const WRITE = [...READ, "504 after the effect", "500 after the effect"];
const KINDS: Readonly<Record<Risk, readonly string[]>> = {
  read: READ,
  create: WRITE,
  patch: [...WRITE, "409"],
  cloud: [
    ...WIRE,
    "Throttling",
    "InternalFailure",
    "InternalFailure after the effect",
    "ResourceContention",
    "AccessDenied",
  ],
  queue: [...WIRE, "queue refuses"],
};
const AZURE_KINDS: typeof KINDS = { ...KINDS, cloud: [...WIRE, ...AZURE_TROUBLES] };
export const TROUBLE_KINDS: readonly string[] = [...new Set(Object.values(KINDS).flat())];
export const AZURE_TROUBLE_KINDS: readonly string[] = [...new Set(Object.values(AZURE_KINDS).flat())];
export const HINT_KINDS: readonly string[] = ["hint lost", "hint doubled", "hint delayed"];

/** Not every seed has every trouble: what is rare alone is found where the rest is quiet. */
function ratesFor(chance: Chance, name: string, kinds: readonly string[]): Readonly<Record<string, number>> {
  const mood = chance.pick(`mood ${name}`, [0, 0.002, 0.01, 0.05]);
  const chosen = kinds.filter((kind) => chance.roll(`has ${name} ${kind}`) < 0.4);
  return Object.fromEntries(chosen.map((kind) => [kind, mood / Math.max(1, chosen.length / 3)]));
}

export function planOf(chance: Chance): Plan {
  const isCalm = chance.roll("calm") < 0.15;
  const rates = (name: string, kinds: readonly string[]) => (isCalm ? {} : ratesFor(chance, name, kinds));
  // A drain that nothing ends before the hold itself does.
  const isStuck = chance.roll("stuck") < 0.08;
  const heartbeatSeconds = () => (isStuck ? 30 : chance.pick("heartbeat", [30, 60, 300, 300, 900, 3600]));
  const pool = poolPlanOf(chance);
  const azure = azurePlanOf(chance);
  const rich = richPlanOf(chance, pool !== undefined);
  const names = chance.roll("two hooks") < 0.35 ? ["lifeguard-drain", "lifeguard-audit"] : ["lifeguard-drain"];
  return {
    instances: chance.whole("instances", 2, 4),
    hooks: chance.roll("hookless") < 0.1 ? [] : names.map((name) => ({ name, heartbeatSeconds: heartbeatSeconds() })),
    spot: chance.roll("spot") < 0.5,
    capacityRebalance: chance.roll("capacity rebalance") < 0.4,
    apps: appsOf(chance, isStuck, rich.volumes !== undefined),
    skewSeconds: chance.pick("skew", [0, 0, 1, 3]),
    rates: {
      read: rates("read", KINDS.read),
      create: rates("create", KINDS.create),
      patch: rates("patch", KINDS.patch),
      cloud: rates("cloud", (azure ? AZURE_KINDS : KINDS).cloud),
      queue: rates("queue", KINDS.queue),
    },
    hintRates: isCalm
      ? {}
      : Object.fromEntries(HINT_KINDS.map((kind) => [kind, chance.pick(`rate ${kind}`, [0, 0.02, 0.1, 0.3])])),
    lagSeconds: chance.pick("lag", [0.2, 1, 3]),
    budgetLagSeconds: chance.pick("budget lag", [0.1, 1, 10]),
    upstreamLagSeconds: chance.pick("upstream lag", [1, 10, 60]),
    drainTimeoutSeconds: chance.pick("drain timeout", [undefined, undefined, undefined, 120, 600]),
    rebalancePolicy: chance.pick("rebalance policy", ["Ignore", "Cordon", "Drain"]),
    finishedTtlSeconds: chance.pick("ttl", [300, 86_400, 86_400]),
    nodeNotFoundSeconds: 600,
    stormSeconds: isStuck ? 4000 : chance.pick("storm", [600, 1800, 3600]),
    hasFocus: chance.roll("focus") < 0.5,
    ...(pool && { pool }),
    ...(azure && { azure }),
    ...rich,
  };
}
