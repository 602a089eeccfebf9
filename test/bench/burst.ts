/** A hundred instances leave at the same moment, and ten functions run at once: how long until each Node is cordoned. */
import type { Instance } from "../../infra/local/aws/fleet.ts";
import type { BenchRig } from "./local-rig.ts";
import { counted, noted, percentile, type Row, timed } from "./row.ts";

export const INSTANCES = 100;
const MOST_MILLISECONDS = 5_000;
const AT_ONCE = 10;

/** Hands the events out as Lambda's own queue does: the next one when a function is free. */
function startQueue(leaving: readonly Instance[], terminate: (instance: Instance) => Promise<void>) {
  const waiting = [...leaving];
  const next = async () => {
    const instance = waiting.shift();
    if (instance) await terminate(instance);
  };
  return { next, first: () => Promise.all(Array.from({ length: AT_ONCE }, next)) };
}

/** Wall time: functions, API servers and cloud share one process here, so this is what they cost together. */
export async function burstRows(rig: BenchRig): Promise<readonly Row[]> {
  const leaving = rig.stage.instances();
  const mark = rig.mark();
  const virtualStart = rig.clock.now().getTime();
  const start = performance.now();
  const done: number[] = [];
  const queue = startQueue(leaving, (instance) => rig.terminate(instance));
  rig.stage.cloud.host.onInvocation((invocation) => {
    if (invocation.function !== "asg-instance-terminating" || invocation.outcome !== "ok") return;
    done.push(performance.now() - start);
    void queue.next();
  });
  await queue.first();
  const cordons = () => mark.calls().filter(({ what, code }) => what === "PATCH nodes" && code < 300);
  await rig.until(
    `${leaving.length} cordons`,
    () => new Set(cordons().map(({ target }) => target)).size >= leaving.length,
  );

  const virtual = cordons().map(({ at }) => (at.getTime() - virtualStart) / 1000);
  const slowest = percentile(done, 0.99);
  const events = mark.invocations().filter((one) => one.function === "asg-instance-terminating");
  const failed = mark.invocations().filter((one) => one.outcome !== "ok");
  return [
    timed(
      `${leaving.length} at once, ${AT_ONCE} functions: event to cordoned and queued, p50 / p99`,
      `${(percentile(done, 0.5) / 1000).toFixed(2)} s / ${(slowest / 1000).toFixed(2)} s`,
      `p99 <= ${MOST_MILLISECONDS / 1000} s`,
      slowest <= MOST_MILLISECONDS,
    ),
    noted("  virtual seconds, cold starts of 0.3 s included, p99", `${percentile(virtual, 0.99).toFixed(1)} s`),
    counted("  invocations per event", events.length / leaving.length, 1, "invocations"),
    counted("  failed invocations", failed.length, 0, "invocations"),
  ];
}
