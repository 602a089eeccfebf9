/** Chaos around one local cloud: proxies before its servers, crashes of its functions; every fault is counted and told. */
import type { Host } from "../host/host.ts";
import { dice } from "./dice.ts";
import { type Rates, USUAL, WIRE_FAULTS, type WireFault } from "./plan.ts";
import { type FaultProxy, startProxy } from "./proxy.ts";

export const FAULTS = [...WIRE_FAULTS, "crash"] as const;
export type Fault = WireFault | "crash";
export type Tally = Readonly<Record<Fault, number>>;
export const tallyOf = (count: (fault: Fault) => number): Record<Fault, number> => ({
  latency: count("latency"),
  reset: count("reset"),
  "half-open": count("half-open"),
  blackhole: count("blackhole"),
  crash: count("crash"),
});

export interface Chaos {
  /** The address by which functions reach the server of that URL: through a proxy of its own. */
  readonly through: (name: string, url: string) => Promise<string>;
  /** Lets functions die before one of their requests. */
  readonly crash: (host: Pick<Host, "kill">, functions: readonly { readonly name: string }[]) => void;
  /** Nothing strikes until then, and nothing after `calm`. */
  readonly begin: () => void;
  readonly calm: () => void;
  readonly tally: () => Tally;
  readonly stop: () => Promise<void>;
}

export interface ChaosSettings {
  /** Decides, with the order of connections and requests, about everything. */
  readonly seed: string;
  readonly rates?: Partial<Rates> & { readonly crash?: number };
  /** Faults of each kind. */
  readonly most?: Partial<Tally>;
  /** Crashes of each function at most; default: as many as come. */
  readonly crashesEach?: number;
}

export interface ChaosOptions extends ChaosSettings {
  readonly tell: (fault: Fault, where: string) => void;
}

/** Somebody waits some seconds for each connection that is dead; the rest costs nothing. */
const MOST: Tally = { latency: 60, reset: 30, "half-open": 3, blackhole: 3, crash: 6 };
/** Of a function's requests. */
const CRASH_RATE = 0.01;

function judgeOf({ tell, most }: ChaosOptions) {
  const limits = { ...MOST, ...most };
  const counted = tallyOf(() => 0);
  let strikes = false;
  return {
    counted,
    set: (on: boolean) => {
      strikes = on;
    },
    allow: (fault: Fault, where: string): boolean => {
      if (!strikes || counted[fault] >= limits[fault]) return false;
      counted[fault]++;
      tell(fault, where);
      return true;
    },
  };
}

export function createChaos(options: ChaosOptions): Chaos {
  const chance = dice(options.seed);
  const { crash: crashRate = CRASH_RATE, ...given } = options.rates ?? {};
  const rates = { ...USUAL, ...given };
  const { allow, counted, set } = judgeOf(options);
  const proxies: FaultProxy[] = [];
  return {
    through: async (name, url) => {
      const place = new URL(url);
      const proxy = await startProxy({ name, port: Number(place.port), dice: chance, rates, allow });
      proxies.push(proxy);
      place.port = String(proxy.port);
      return place.href.replace(/\/$/, "");
    },
    crash: (host, functions) => {
      for (const { name } of functions) {
        let asked = 0;
        let left = options.crashesEach ?? Number.POSITIVE_INFINITY;
        const before = () => {
          const dies = chance.roll(`${name} ${asked++} crashes`) < crashRate && left > 0 && allow("crash", name);
          if (dies) left--;
          return dies;
        };
        host.kill({ function: name, before, times: Number.POSITIVE_INFINITY });
      }
    },
    begin: () => set(true),
    calm: () => set(false),
    tally: () => ({ ...counted }),
    stop: async () => {
      for (const proxy of proxies) await proxy.stop();
    },
  };
}
