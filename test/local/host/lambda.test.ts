/** The function host keeps Lambda's rules: sandboxes, concurrency, timeout, death between two calls, retries. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { virtualClock } from "../../../infra/local/clock.ts";
import { invokeLater } from "../../../infra/local/host/async-invocation.ts";
import { type Handler, hostLambda, type Invocation, type LambdaSettings } from "../../../infra/local/host/lambda.ts";

const start = new Date("2026-11-20T08:00:00Z");

function aLambda(handler: Handler, changes: Partial<LambdaSettings> = {}) {
  const clock = virtualClock(start, 1);
  const invocations: Invocation[] = [];
  const loads = { count: 0 };
  const lambda = hostLambda(
    {
      name: "web-changed",
      timeoutSeconds: 5,
      coldStartSeconds: 2,
      environment: { COLOUR: "green" },
      load: async () => {
        loads.count++;
        return handler;
      },
      diesBefore: () => undefined,
      record: (invocation) => void invocations.push(invocation),
      ...changes,
    },
    clock,
  );
  return { clock, lambda, invocations, loads };
}

async function settle(clock: ReturnType<typeof virtualClock>, promise: Promise<unknown>) {
  let over = false;
  const done = promise.finally(() => {
    over = true;
  });
  done.catch(() => {});
  await clock.run({ maxSeconds: 60, done: () => over });
  return done;
}

test("the first invocation starts cold, the next one finds the sandbox warm", async () => {
  const { clock, lambda, invocations, loads } = aLambda(async () => "answer");
  strictEqual(await settle(clock, lambda.invoke({})), "answer");
  strictEqual(clock.now().getTime() - start.getTime(), 2_000);
  await settle(clock, lambda.invoke({}));
  deepStrictEqual(
    invocations.map(({ cold, outcome }) => ({ cold, outcome })),
    [
      { cold: true, outcome: "ok" },
      { cold: false, outcome: "ok" },
    ],
  );
  strictEqual(loads.count, 1);
});

test("a function sees its own environment and its output goes to its record", async () => {
  const { clock, lambda, invocations } = aLambda(async (_, context) => {
    process.stdout.write(`${JSON.stringify({ colour: process.env.COLOUR, home: process.env.HOME })}\n`);
    console.error(`plain words of ${context.functionName}`);
  });
  await settle(clock, lambda.invoke({}));
  deepStrictEqual(invocations[0]?.logs, [{ colour: "green" }, "plain words of web-changed"]);
  strictEqual(process.env.COLOUR, undefined);
});

test("a function reads the platform's clock, the host goes on with the real one", async () => {
  const { clock, lambda } = aLambda(async () => [
    new Date(),
    Date.now(),
    new Date(5).getTime(),
    new Date() instanceof Date,
  ]);
  const answer = await settle(clock, lambda.invoke({}));
  const later = new Date("2026-11-20T08:00:02Z");
  deepStrictEqual(answer, [later, later.getTime(), 5, true]);
  strictEqual(Math.abs(Date.now() - performance.timeOrigin - performance.now()) < 60_000, true);
});

test("reserved concurrency refuses what is too much and keeps nothing waiting", async () => {
  const { clock, lambda, invocations } = aLambda(async () => {}, { reservedConcurrency: 1 });
  const first = lambda.invoke({});
  await rejects(lambda.invoke({}), { kind: "throttled" });
  await settle(clock, first);
  strictEqual(invocations.length, 1);
});

test("a function that hangs is timed out and its sandbox is not used again", async () => {
  const { clock, lambda, invocations, loads } = aLambda(() => new Promise(() => {}), { timeoutSeconds: 0.02 });
  await rejects(settle(clock, lambda.invoke({})), /Task timed out after 0.02 seconds/);
  await rejects(settle(clock, lambda.invoke({})));
  strictEqual(invocations[0]?.outcome, "timed-out");
  strictEqual(loads.count, 2);
});

test("a killed function dies before its next request and the server never sees it", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (path: string) =>
    new Promise((resolve, reject) =>
      get({ port, path, agent: false }, (response) => response.resume().on("end", resolve)).on("error", reject),
    );
  const { clock, lambda, invocations } = aLambda(
    async () => {
      await ask("/record");
      await ask("/cordon").catch(() => ask("/after-death"));
    },
    {
      diesBefore:
        () =>
        ({ method, path }) =>
          method === "GET" && path === "/cordon",
    },
  );
  await rejects(settle(clock, lambda.invoke({})), /killed before request 2: GET \/cordon/);
  strictEqual(invocations[0]?.outcome, "killed");
  deepStrictEqual(seen, ["/record"]);
  await new Promise((resolve) => server.close(resolve));
});

const retries: { name: string; failures: number; attempts: number; deadLetters: number; lastSecond: number }[] = [
  { name: "a success is not repeated", failures: 0, attempts: 1, deadLetters: 0, lastSecond: 2 },
  { name: "a failure is tried again after a minute", failures: 1, attempts: 2, deadLetters: 0, lastSecond: 62 },
  { name: "a second failure is tried again after two more", failures: 2, attempts: 3, deadLetters: 0, lastSecond: 182 },
  { name: "a third failure is a dead letter", failures: 9, attempts: 3, deadLetters: 1, lastSecond: 182 },
];
for (const { name, failures, attempts, deadLetters, lastSecond } of retries) {
  test(`asynchronous invocation: ${name}`, async () => {
    let left = failures;
    const { clock, lambda, invocations } = aLambda(async () => {
      if (left-- > 0) throw new Error("not yet");
    });
    const dead: unknown[] = [];
    const deadLetter = (event: unknown, error: Error) => {
      match(error.message, /not yet/);
      dead.push(event);
    };
    invokeLater(lambda, { id: "e-1" }, clock, { retries: 2, oldestEventSeconds: 600, deadLetter });
    await clock.run({ maxSeconds: 200 });
    strictEqual(invocations.length, attempts);
    deepStrictEqual(
      dead,
      Array.from({ length: deadLetters }, () => ({ id: "e-1" })),
    );
    strictEqual(((invocations.at(-1)?.at.getTime() ?? 0) - start.getTime()) / 1000, lastSecond);
  });
}

test("asynchronous invocation: an event that would be too old at its next try is a dead letter", async () => {
  const { clock, lambda, invocations } = aLambda(async () => {
    throw new Error("not yet");
  });
  const dead: unknown[] = [];
  invokeLater(lambda, 1, clock, { retries: 2, oldestEventSeconds: 100, deadLetter: (event) => void dead.push(event) });
  await clock.run({ maxSeconds: 100 });
  deepStrictEqual([invocations.length, dead], [2, [1]]);
});

test("asynchronous invocation: a throttled event waits and costs no try", async () => {
  const { clock, lambda, invocations } = aLambda(async () => {}, { reservedConcurrency: 1 });
  const dead: unknown[] = [];
  const rules = { retries: 2, oldestEventSeconds: 600, deadLetter: (event: unknown) => void dead.push(event) };
  invokeLater(lambda, 1, clock, rules);
  invokeLater(lambda, 2, clock, rules);
  await clock.run({ maxSeconds: 20 });
  deepStrictEqual([invocations.length, dead], [2, []]);
});
