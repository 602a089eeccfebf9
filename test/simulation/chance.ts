/** All the chance of a run: every question is answered from the seed and its own name, so that leaving one thing out changes no other answer. */

export interface Chance {
  readonly seed: number;
  /** 0 <= x < 1; the same for the same seed and name. */
  roll(name: string): number;
  /** A whole number, both ends included. */
  whole(name: string, least: number, most: number): number;
  pick<const T>(name: string, choices: readonly [T, ...T[]]): T;
  /** At most one of these kinds of trouble, each at its rate; what strikes is remembered. */
  strike(name: string, rates: Readonly<Record<string, number>>): string | undefined;
  /** Whether something planned may happen; remembered as a trouble is. */
  allow(kind: string, name: string): boolean;
  /** Nothing strikes any more. */
  calm(): void;
}

export interface Strike {
  /** "<kind> @ <where>" */
  readonly id: string;
  readonly kind: string;
}

export interface ChanceOptions {
  readonly seed: number;
  /** When shrinking: nothing else strikes. */
  readonly only?: ReadonlySet<string>;
  readonly onStrike: (strike: Strike) => void;
}

/** FNV-1a over the text, stirred at the end (the finaliser of MurmurHash3). */
function hash(seed: number, text: string): number {
  let mixed = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export function createChance({ seed, only, onStrike }: ChanceOptions): Chance {
  const start = hash(seed, "lifeguard");
  const roll = (name: string) => hash(start, name) / 2 ** 32;
  const whole = (name: string, least: number, most: number) => least + Math.floor(roll(name) * (most - least + 1));
  let isCalm = false;
  const allow = (kind: string, name: string): boolean => {
    const id = `${kind} @ ${name}`;
    if (isCalm) return false;
    if (only && !only.has(id)) return false;
    onStrike({ id, kind });
    return true;
  };
  return {
    seed,
    roll,
    whole,
    pick: (name, choices) => choices[whole(name, 0, choices.length - 1)] ?? choices[0],
    allow,
    calm: () => {
      isCalm = true;
    },
    strike: (name, rates) => {
      let left = roll(name);
      for (const [kind, rate] of Object.entries(rates)) {
        if (left < rate) return allow(kind, name) ? kind : undefined;
        left -= rate;
      }
      return undefined;
    },
  };
}
