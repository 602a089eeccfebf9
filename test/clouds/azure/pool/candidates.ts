/** Machines among which victims are chosen, for rows and for properties. */
import type { Candidate } from "../../../../lib/providers/azure/pool/victims.ts";

/** In service and of the latest model; older ones have smaller numbers. */
export const machine = (age: number, more: Partial<Candidate> = {}): Candidate => ({
  providerID: `azure:///m/${age}`,
  created: age * 1000,
  state: "Succeeded",
  ready: true,
  latest: true,
  marked: false,
  going: false,
  ...more,
});
