/** Seeds that once broke a promise, with what had been wrong; they are run for ever. */
export const REGRESSIONS: readonly (readonly [seed: number, sentence: string])[] = [];
