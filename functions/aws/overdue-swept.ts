/** Every minute: look again at everything unfinished that nobody looks at, because events get lost. */
import { sweepEntry } from "./runtime/sweep.ts";

export const handler = sweepEntry();
