/** A thread that runs the seeds it is given, one after the other, until there are none. */
import { parentPort } from "node:worker_threads";
import { ran } from "./range.ts";

const runOne = async (seed: number) => parentPort?.postMessage(await ran(seed));

parentPort?.on("message", (seed: number | "done") => {
  if (seed === "done") parentPort?.close();
  else void runOne(seed);
});
parentPort?.postMessage("ready");
