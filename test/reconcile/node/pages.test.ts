/** The Nodes of a large cluster are read page by page, and no page outlives its turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import type { Node } from "../../../lib/api/kubernetes/node.ts";
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import { readPoolNodes } from "../../../lib/reconcile/observe/pool-nodes.ts";
import { idOf, livingPool, nodeOf } from "./support/objects.ts";

setFlagsFromString("--expose_gc");
const collectGarbage: () => void = runInNewContext("gc");
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const PAGES = 6;
const PER_PAGE = 50;

test("when a page is asked for, none of those before the last is still held", async () => {
  const given: WeakRef<object>[] = [];
  const held: number[] = [];
  const pages = async function* (): AsyncGenerator<readonly Node[]> {
    for (let page = 0; page < PAGES; page++) {
      await turn();
      collectGarbage();
      held.push(given.filter((ref) => ref.deref() !== undefined).length);
      const nodes = Array.from({ length: PER_PAGE }, (_, index) => nodeOf(page * PER_PAGE + index + 1));
      for (const node of nodes) given.push(new WeakRef(node));
      yield nodes;
    }
  };
  const list = (() => pages()) as <T extends KubernetesObject>() => AsyncIterable<
    readonly T[]
  > as KubernetesClient["list"];
  const refuse = () => Promise.reject(new Error("only lists are asked for"));
  const client: KubernetesClient = {
    list,
    get: refuse,
    create: refuse,
    patch: refuse,
    delete: refuse,
    createSubresource: refuse,
  };
  const machinePool = livingPool();
  const wishOf = (providerID: string) => ({ machinePool, instanceId: providerID, labels: {}, interruptible: false });
  const seen = await readPoolNodes(client, { machinePool, wishOf, withInfo: false, fixes: 25 });
  assert.equal(seen.found.length, PAGES * PER_PAGE);
  assert.equal(seen.fixes.length, 25);
  assert.equal(seen.found[0]?.providerID, idOf(1));
  assert.ok(Math.max(...held) <= PER_PAGE, `held at each page: ${held.join(", ")}`);
});
