/** The schedule's function: finds what nobody looks at any more and puts it on the queue. */
import { sweepRound } from "../../../lib/reconcile/sweep-round.ts";
import { entry } from "../entry.ts";
import { openWorker } from "./worker.ts";

export const sweepEntry = () =>
  entry(openWorker, (worker, _event, { signal, reporter }) => sweepRound({ ...worker.during(signal), reporter }));
