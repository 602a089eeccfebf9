/** Kubernetes quantities as plain numbers, as far as prices and sizes need them. */

const QUANTITY = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eE]([+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** @returns undefined for a text that is no quantity */
export function quantityOf(text: string | number): number | undefined {
  if (typeof text === "number") return Number.isFinite(text) ? text : undefined;
  const [, digits, exponent, suffix] = QUANTITY.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  if (exponent !== undefined) return Number(`${digits}e${exponent}`);
  return Number(digits) * (suffix === undefined ? 1 : (FACTORS[suffix] ?? 1));
}

/** US dollars, to the five digits that Azure's prices have. */
export function dollarsOf(quantity: string | number): number | undefined {
  const exact = quantityOf(quantity);
  return exact === undefined ? undefined : Math.round(exact * 1e5) / 1e5;
}
