/** A second try beside the first: who is heard, and what is not waited for. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { trySecond } from "../../lib/kubernetes/second-try.ts";

const SOON_MILLISECONDS = 20;
const never = () => new Promise<string>(() => {});
const isAnswer = (said: string) => said.startsWith("answer");
const isLost = (said: string) => said === "lost";
const run = (first: () => Promise<string>, second: () => Promise<string>, signal = new AbortController().signal) =>
  trySecond({ first, second, isAnswer, isLost }, signal, SOON_MILLISECONDS);
const says = (said: string) => async () => said;

test("who answers in time is asked once", async () => {
  let asked = 0;
  const second = async () => String(asked++);
  deepStrictEqual([await run(says("answer"), second), await run(says("refused"), second)], ["answer", "refused"]);
  strictEqual(asked, 0);
});

test("what is lost is asked again at once", async () => {
  strictEqual(await run(says("lost"), says("answer 2")), "answer 2");
});

test("what is lost twice is not asked a third time", async () => {
  strictEqual(await run(says("lost"), says("lost")), "lost");
});

test("what is lost because the invocation ended is not asked again", async () => {
  strictEqual(await run(says("lost"), says("answer 2"), AbortSignal.abort()), "lost");
});

test("a server that is slow and not dead is heard, though it was asked once more", async () => {
  const first = Promise.withResolvers<string>();
  const second = () => {
    first.resolve("answer 1");
    return never();
  };
  strictEqual(await run(() => first.promise, second), "answer 1");
});

test("a second try that fails leaves the first its time", async () => {
  const first = Promise.withResolvers<string>();
  const second = async () => {
    setImmediate(() => first.resolve("answer 1"));
    return "lost";
  };
  strictEqual(await run(() => first.promise, second), "answer 1");
});

test("a first try that fails late leaves the second its time", async () => {
  const first = Promise.withResolvers<string>();
  const second = async () => {
    first.resolve("lost");
    return new Promise<string>((resolve) => setImmediate(() => resolve("answer 2")));
  };
  strictEqual(await run(() => first.promise, second), "answer 2");
});

test("who is not heard any more is told to stop", async () => {
  let told: AbortSignal | undefined;
  const first = (signal: AbortSignal) => {
    told = signal;
    return never();
  };
  const answer = trySecond(
    { first, second: says("answer 2"), isAnswer, isLost },
    new AbortController().signal,
    SOON_MILLISECONDS,
  );
  strictEqual(await answer, "answer 2");
  ok(told?.aborted);
});
