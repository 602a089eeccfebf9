/** Looks at one pool: what is promised is not asked for again, and many chains become one. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { promiseLook } from "../../../lib/reconcile/look-promises.ts";

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
