/** When two writes to the cloud contradict each other: no run has brought that about yet, so it is played here. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Pass } from "./pass.ts";
import { awsClaims } from "./promises/aws-claims.ts";
import { azureClaims } from "./promises/azure-claims.ts";
import { type Claims, createContradictions } from "./promises/contradictions.ts";

const pass = (label: string, startedAt: number, does: Pass["does"] = "pool"): Pass => ({
  label,
  does,
  startedAt,
  skewSeconds: 0,
  calls: 0,
  hurt: false,
  dead: false,
  die: () => {},
});

type Happening = readonly [at: number, by: Pass | string, action?: string, input?: Readonly<Record<string, unknown>>];

const size = (DesiredCapacity: number) => ["SetDesiredCapacity", { DesiredCapacity }] as const;
const tag = (Value: string) => ["CreateOrUpdateTags", { Tags: [{ Key: "team", Value }] }] as const;
const untag = ["DeleteTags", { Tags: [{ Key: "team" }] }] as const;
const [one, two, late] = [pass("pool#1", 10), pass("pool#2", 11), pass("pool#3", 21)];

const cases: { name: string; happenings: readonly Happening[]; want: readonly string[] }[] = [
  {
    name: "two sizes by passes that ran beside each other",
    happenings: [
      [20, one, ...size(3)],
      [22, two, ...size(4)],
    ],
    want: ["DesiredCapacity: pool#1 3, pool#2 4"],
  },
  {
    name: "a tag that one pass puts on and the other takes away",
    happenings: [
      [20, one, ...tag("a")],
      [22, two, ...untag],
    ],
    want: ["tag of the group team: pool#1 a, pool#2 gone"],
  },
  {
    name: "the same size twice is no contradiction",
    happenings: [
      [20, one, ...size(3)],
      [22, two, ...size(3)],
    ],
    want: [],
  },
  {
    name: "a pass that began after the first write has seen it",
    happenings: [
      [20, one, ...size(3)],
      [22, late, ...size(4)],
    ],
    want: [],
  },
  {
    name: "a person's edit between the two is a reason",
    happenings: [
      [20, one, ...size(3)],
      [21, "a person"],
      [22, two, ...size(4)],
    ],
    want: [],
  },
  {
    name: "an instance that a drain took out between the two is a reason",
    happenings: [
      [20, one, ...size(3)],
      [21, pass("drain#1", 5, "drain"), "TerminateInstanceInAutoScalingGroup", {}],
      [22, two, ...size(2)],
    ],
    want: [],
  },
  {
    name: "one pass may change its mind",
    happenings: [
      [20, one, ...size(3)],
      [22, one, ...size(4)],
    ],
    want: [],
  },
];

for (const { name, happenings, want } of cases)
  test(name, () => {
    let now = 0;
    const told: string[] = [];
    const { hear, cloudDid } = createContradictions({
      now: () => now,
      isShownLate: () => false,
      broken: (_promise, _what, detail = "") => void told.push(detail),
    });
    for (const [at, by, action = "", input = {}] of happenings) {
      now = at;
      if (typeof by === "string") hear({ server: "management", plural: "machinepools", by });
      else cloudDid(by, awsClaims(action, input));
    }
    deepStrictEqual(told, want);
  });

const set = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/workers";
const protect = { properties: { protectionPolicy: { protectFromScaleIn: true } } };
const said: { name: string; action: string; path?: string; body?: object; want: Claims }[] = [
  {
    name: "a resize says how many machines there are to be",
    action: "virtualMachineScaleSets/write",
    body: { sku: { capacity: 3 } },
    want: [["capacity of workers", "3"]],
  },
  {
    name: "a write of the whole set says besides of what model they are",
    action: "virtualMachineScaleSets/write",
    body: { sku: { capacity: 3 }, properties: { singlePlacementGroup: true } },
    want: [
      ["capacity of workers", "3"],
      ["model of workers", '{"singlePlacementGroup":true}'],
    ],
  },
  {
    name: "a machine is protected or it is not",
    action: "virtualMachineScaleSets/virtualMachines/write",
    path: `${set}/virtualMachines/3`,
    body: protect,
    want: [["machine 3", JSON.stringify(protect.properties)]],
  },
  {
    name: "machines are deleted by name: whoever asks for it asks for the same",
    action: "virtualMachineScaleSets/delete/action",
    path: `${set}/delete`,
    body: { instanceIds: ["3"] },
    want: [],
  },
];
for (const { name, action, path = set, body, want } of said)
  test(`on Azure, ${name}`, () => deepStrictEqual(azureClaims(`Microsoft.Compute/${action}`, { path, body }), want));
