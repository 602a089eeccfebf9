/** Every minute: look again at everything unfinished that nobody looks at, and at machines that wait for us, because events get lost. */
import { app } from "@azure/functions";
import { sweepEntry } from "./runtime/sweep.ts";

export const handler = sweepEntry();

app.timer("overdue-swept", { schedule: "0 * * * * *", handler });
