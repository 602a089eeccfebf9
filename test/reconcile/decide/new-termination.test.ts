/** The name of a record: the same for the same instance, and valid whatever the pool is called. */
import { deepStrictEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newTermination, terminationName } from "../../../lib/reconcile/decide/new-termination.ts";
import { aMachinePool } from "../../support/builders.ts";
import { at, HOLD_SPEC } from "../support/views.ts";

test("a record is named by pool and instance", () =>
  deepStrictEqual(terminationName("workers", "i-0abc"), "workers-i-0abc"));
test("what no name may hold is replaced", () =>
  deepStrictEqual(terminationName("Work_ers", "vmss/3"), "work-ers-vmss-3"));
test("a name that is too long keeps the instance", () => {
  const name = terminationName("p".repeat(253), "i-0abc");
  ok(name.length <= 253);
  match(name, /-i-0abc$/);
});
test("every name is a DNS subdomain", () => {
  const text = fc.string({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(text, (pool) => {
      const name = terminationName(`a${pool}`, "i-1");
      ok(name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name), name);
    }),
  );
});
test("a record carries what was said, and nothing that was not", () => {
  const notice = { instanceId: "i-1", cause: "TerminationHook", noticeTime: at(0), hold: HOLD_SPEC } as const;
  const { spec } = newTermination({ notice, pool: aMachinePool(), providerID: "p", dryRun: false });
  deepStrictEqual(spec, {
    clusterName: "prod",
    machinePoolName: "workers",
    providerID: "p",
    cause: "TerminationHook",
    noticeTime: at(0),
    hold: HOLD_SPEC,
  });
});
test("policy and dry run are recorded", () => {
  const notice = { instanceId: "i-1", cause: "UserRequest", noticeTime: at(0), mode: "CordonOnly" } as const;
  const { spec } = newTermination({ notice, pool: aMachinePool(), providerID: "p", dryRun: true, machineName: "m" });
  deepStrictEqual([spec.drain, spec.dryRun, spec.machineName], [{ mode: "CordonOnly" }, true, "m"]);
});
