/** What is said of a pool, in upstream's words: one row for each state of its scale set. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toProviderError } from "../../../../lib/providers/azure/errors.ts";
import { statementOf } from "../../../../lib/providers/azure/pool/say.ts";
import type { AzureSight, ScaleSetFacts } from "../../../../lib/providers/azure/pool/sight.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { aPool, type Overrides } from "./objects.ts";
import { aSight, withoutSet } from "./sights.ts";

const say = (sight: AzureSight, failed?: ProviderError, overrides: Overrides = {}) =>
  statementOf({ sight, pool: aPool(overrides), failed });
const named = ({ conditions }: ReturnType<typeof say>, type: string) => {
  const found = conditions.find((one) => one.type === type);
  return found && [found.status, found.severity, found.reason].filter((one) => one !== undefined).join(" ");
};
const inState = async (provisioningState: string, overrides: Overrides = {}, more: Partial<ScaleSetFacts> = {}) => {
  const sight = await aSight(overrides);
  return { ...sight, ...(sight.scaleSet && { scaleSet: { ...sight.scaleSet, provisioningState, ...more } }) };
};

interface Row {
  readonly name: string;
  readonly sight: () => Promise<AzureSight>;
  readonly ready: boolean | undefined;
  readonly state: string | undefined;
  /** Running, DesiredReplicas, ModelUpdated. */
  readonly want: readonly (string | undefined)[];
}

const rows: readonly Row[] = [
  {
    name: "a set in service with as many as wished for",
    sight: () => inState("Succeeded"),
    ready: true,
    state: "Succeeded",
    want: ["True", "True", "True"],
  },
  {
    name: "fewer Ready than wished for is scaling up, and still ready",
    sight: () => inState("Succeeded", { replicas: 3 }),
    ready: true,
    state: "Updating",
    want: ["True", "False Info ScaleSetScalingUp", "True"],
  },
  {
    name: "more Ready than wished for is scaling down",
    sight: () => inState("Succeeded", { replicas: 1 }),
    ready: true,
    state: "Updating",
    want: ["True", "False Info ScaleSetScalingDown", "True"],
  },
  {
    name: "a set that is updated",
    sight: () => inState("Updating"),
    ready: true,
    state: "Updating",
    want: ["True", "True", "False Info ScaleSetModelOutOfDate"],
  },
  {
    name: "a set that is made",
    sight: () => inState("Creating"),
    ready: false,
    state: "Creating",
    want: ["False Info ScaleSetCreating", "True", "True"],
  },
  {
    name: "a set that goes",
    sight: () => inState("Deleting"),
    ready: false,
    state: "Deleting",
    want: ["False Info ScaleSetDeleting", "True", "True"],
  },
  {
    name: "a set that failed",
    sight: () => inState("Failed"),
    ready: false,
    state: "Failed",
    want: ["False Error ScaleSetProvisionFailed", "True", "True"],
  },
  {
    name: "a state that is no one's",
    sight: () => inState("Canceled"),
    ready: false,
    state: "Canceled",
    want: ["False Info Canceled", "True", "True"],
  },
  {
    name: "a deleted set",
    sight: () => inState("Deleted"),
    ready: false,
    state: "Deleted",
    want: ["False Info Deleted", "True", "True"],
  },
  {
    name: "a set on its way elsewhere stays as ready as it was",
    sight: () => inState("Migrating"),
    ready: undefined,
    state: "Migrating",
    want: ["False Info Migrating", "True", "True"],
  },
  {
    name: "no set yet",
    sight: () => withoutSet(),
    ready: false,
    state: undefined,
    want: ["False Info ScaleSetCreating", undefined, undefined],
  },
  {
    name: "a wish that a person must mend",
    sight: () => withoutSet({}, { problem: { reason: "ScaleSetProvisionFailed", message: "mend it" } }),
    ready: false,
    state: undefined,
    want: ["False Error ScaleSetProvisionFailed", undefined, undefined],
  },
];
for (const { name, sight, ready, state, want } of rows)
  test(name, async () => {
    const said = say(await sight());
    assert.deepEqual([said.status.ready, said.status.provisioningState], [ready, state]);
    const types = ["ScaleSetRunning", "ScaleSetDesiredReplicas", "ScaleSetModelUpdated"];
    assert.deepEqual(
      types.map((type) => named(said, type)),
      want,
    );
  });

test("replicas are those whose Node is Ready; every machine is in the list, sorted, leaving ones too", async () => {
  const sight = await aSight();
  const [first, second] = sight.machines;
  assert.ok(first && second);
  const [firstId, secondId] = [...sight.members.keys()];
  assert.ok(firstId && secondId);
  const members = new Map([
    [firstId, { providerID: firstId, ready: false, marked: false }],
    ...[...sight.members].slice(1),
  ]);
  const said = say({ ...sight, members, machines: [{ ...second, provisioningState: "Deleting" }, first] });
  assert.equal(said.status.replicas, 1);
  assert.deepEqual(said.spec.providerIDList, [firstId, secondId]);
});

test("a passing fault changes no condition; a lasting one says what to do", async () => {
  const sight = await aSight();
  const throttled = new ProviderError("throttled", "x", "", "slow down");
  assert.deepEqual(say(sight, throttled), say(sight));
  const denied = toProviderError(
    "Microsoft.Compute/virtualMachineScaleSets/write",
    Object.assign(new Error("no"), { code: "LinkedAuthorizationFailed", statusCode: 403 }),
  );
  const said = say(sight, denied);
  assert.equal(named(said, "BootstrapSucceeded"), "False Error Failed");
  assert.match(said.conditions[0]?.message ?? "", /LinkedAuthorizationFailed.*linked subnet/);
});

const failure = (code: string) =>
  ({ type: "PUT", token: "t", asked: "a", status: "failed", code, message: "m", endTime: new Date(0) }) as const;
test("a shortage is the number's matter, everything else the outcome of the PUT", async () => {
  const sight = await aSight();
  const short = say({ ...sight, operation: failure("AllocationFailed") });
  assert.equal(named(short, "ScaleSetDesiredReplicas"), "False Warning AllocationFailed");
  assert.equal(named(short, "BootstrapSucceeded"), "True");
  const bad = say({ ...sight, operation: failure("VMExtensionProvisioningError") });
  assert.equal(named(bad, "BootstrapSucceeded"), "False Error Failed");
  assert.equal(named(bad, "ScaleSetDesiredReplicas"), "True");
});

test("whoever else may delete instances is named", async () => {
  const said = say(await inState("Succeeded", {}, { foreignRules: ["automaticRepairsPolicy is enabled"] }));
  assert.equal(named(said, "ScaleSetDeletesDrained"), "False Warning OthersMayDelete");
  assert.equal(named(say(await aSight()), "ScaleSetDeletesDrained"), "True");
});

test("the role of a set's own identity is a condition while there is one to be given", async () => {
  const sight = await aSight({ spec: { identity: "SystemAssigned" } });
  const role = sight.wish?.roleAssignment;
  assert.ok(role);
  assert.equal(named(say({ ...sight, role, roleAssigned: "right" }), "RoleAssignmentReady"), "True");
  assert.equal(named(say({ ...sight, role, roleAssigned: "missing" }), "RoleAssignmentReady"), "False Info Creating");
  const unmanaged = say({ ...sight, role, roleAssigned: "unmanaged" });
  assert.equal(named(unmanaged, "RoleAssignmentReady"), "False Warning RoleNotManaged");
  assert.equal(named(say(await aSight()), "RoleAssignmentReady"), undefined);
});

test("while a pool goes its conditions say that, and what it fails of", async () => {
  const going = { ...(await aSight()), deleting: true };
  assert.equal(named(say(going), "BootstrapSucceeded"), "False Info Deleting");
  assert.equal(named(say(going), "ScaleSetRunning"), "False Info ScaleSetDeleting");
  assert.equal(
    named(say(going, new ProviderError("denied", "x", "", "no")), "BootstrapSucceeded"),
    "False Error DeletionFailed",
  );
});

test("failureReason and failureMessage are never said: upstream core panics on them", async () => {
  for (const failed of [undefined, new ProviderError("invalid", "x", "", "no")]) {
    const { status } = say(await withoutSet({}, { problem: { reason: "X", message: "x" } }), failed);
    assert.equal("failureReason" in status || "failureMessage" in status, false);
  }
});

test("clusterctl's block on moving is lifted, and the tags that were applied are remembered until they are gone", async () => {
  const sight = await aSight({ spec: { additionalTags: { a: "1" } } }, { appliedTags: { gone: "2", left: "3" } });
  const tags = { ...sight.scaleSet?.tags, left: "3" };
  const said = say({ ...sight, ...(sight.scaleSet && { scaleSet: { ...sight.scaleSet, tags } }) });
  assert.deepEqual(said.annotations, {
    "clusterctl.cluster.x-k8s.io/block-move": undefined,
    "sigs.k8s.io/cluster-api-provider-azure-last-applied-tags-vmss": '{"a":"1","left":"3"}',
  });
});
