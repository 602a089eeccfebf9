/** Looks at one object: what is promised is not asked for again, and many chains become one. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { askOnce, lookCame, promiseLook } from "../../lib/reconcile/look-promises.ts";

const NAME = "Pool/default/workers";
const NOW = 1000;

const cases: { name: string; before?: number; again: number | undefined; want: number | undefined; left?: number }[] = [
  { name: "nobody has promised a look: it is", again: 15, want: 15, left: 1015 },
  { name: "an earlier look is enough", before: 1005, again: 15, want: undefined, left: 1005 },
  { name: "one that is hardly later is, too", before: 1017, again: 15, want: undefined, left: 1017 },
  { name: "a later one is not", before: 1018, again: 15, want: 15, left: 1015 },
  { name: "this message may be the promised one, a little early", before: 1002, again: 15, want: 15, left: 1015 },
  { name: "or late", before: 990, again: 15, want: 15, left: 1015 },
  { name: "a short wait: half of it is still to come", before: 1001, again: 2, want: undefined, left: 1001 },
  { name: "all of it is", before: 1002, again: 2, want: undefined, left: 1002 },
  { name: "none of it is", before: 1000, again: 2, want: 2, left: 1002 },
  {
    name: "nobody needs to look: the promise that came true is forgotten",
    before: 1000,
    again: undefined,
    want: undefined,
  },
  { name: "one to come is remembered", before: 1030, again: undefined, want: undefined, left: 1030 },
];
for (const { name, before, again, want, left } of cases) {
  test(name, () => {
    const promised = new Map(before === undefined ? [] : [[NAME, before]]);
    strictEqual(promiseLook(promised, { name: NAME, nowSeconds: NOW, againSeconds: again }), want);
    deepStrictEqual(promised, new Map(left === undefined ? [] : [[NAME, left]]));
  });
}

for (const everySeconds of [1, 2, 10, 15]) {
  test(`ten hints at once become one chain of looks every ${everySeconds} s`, () => {
    const promised = new Map<string, number>();
    const queue = Array.from({ length: 10 }, (_, index) => index * 0.05);
    let looks = 0;
    for (let at = queue.shift(); at !== undefined && at < 10 * everySeconds; at = queue.shift()) {
      looks += 1;
      // A pass takes its time, and so does the queue.
      const nowSeconds = at + 0.3;
      const again = promiseLook(promised, { name: NAME, nowSeconds, againSeconds: everySeconds });
      if (again !== undefined) queue.push(nowSeconds + again + 0.05);
      queue.sort((a, b) => a - b);
    }
    strictEqual(looks <= 20, true, `${looks} looks`);
    strictEqual(looks >= 15, true, `${looks} looks`);
  });
}

const asks: { name: string; open?: readonly number[]; again: number | undefined; isAsked: boolean }[] = [
  { name: "a look that nobody asked for is asked for", again: 15, isAsked: true },
  { name: "the same moment is not asked for twice", open: [1015], again: 15, isAsked: false },
  { name: "nor is one a second from it", open: [1016], again: 15, isAsked: false },
  { name: "another moment is another look: an earlier one may be lost", open: [1005], again: 15, isAsked: true },
  { name: "what was to come has come", open: [1000], again: 1, isAsked: true },
  { name: "this very message was to come, by another clock a little later", open: [1000.6], again: 1, isAsked: true },
  { name: "but not both of two", open: [1000.6, 1001.2], again: 1, isAsked: false },
  { name: "nobody needs to look", open: [1000], again: undefined, isAsked: false },
];
for (const { name, open, again, isAsked } of asks) {
  test(`of drains: ${name}`, async () => {
    const asked = new Map(open && [[NAME, open]]);
    let times = 0;
    lookCame(asked, NAME, NOW);
    await askOnce(asked, { name: NAME, nowSeconds: NOW, againSeconds: again }, async () => void times++);
    strictEqual(times, isAsked ? 1 : 0);
    strictEqual(
      (asked.get(NAME) ?? []).some((at) => at === NOW),
      false,
    );
  });
}

test("of drains: a queue that refuses was not asked", async () => {
  const asked = new Map();
  const look = { name: NAME, nowSeconds: NOW, againSeconds: 15 };
  await rejects(askOnce(asked, look, () => Promise.reject(new Error("the queue refuses"))));
  deepStrictEqual(asked, new Map());
});

test("of drains: hints that come double and conflict do not breed", async () => {
  const asked = new Map();
  const queue = [0, 0.1];
  let looks = 0;
  for (let at = queue.shift(); at !== undefined && at < 30; at = queue.shift()) {
    looks += 1;
    const nowSeconds = at + 0.3;
    lookCame(asked, NAME, at);
    // Every message comes double.
    const ask = async () => void queue.push(nowSeconds + 1.05, nowSeconds + 1.15);
    await askOnce(asked, { name: NAME, nowSeconds, againSeconds: 1 }, ask);
    queue.sort((a, b) => a - b);
  }
  ok(looks <= 60, `${looks} looks`);
});
