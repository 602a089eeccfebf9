/** The gates between an empty Node and its release. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { DrainAction } from "../../../lib/reconcile/decide/action.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { emptyNodeAction } from "../../../lib/reconcile/decide/release-gates.ts";
import { at, quiet, seconds } from "../support/views.ts";

const wait = (because: string, againSeconds: number): DrainAction => ({ do: "wait", because, againSeconds });
const drained: DrainAction = { do: "release", because: "Drained" };
const attached: DrainView = { ...quiet, attachedClaims: ["default/data-db-0"] };

const cases: { name: string; seen: DrainView; want: DrainAction }[] = [
  { name: "attached volumes of drained pods are waited for", seen: attached, want: wait("VolumesAttached", 15) },
  { name: "detached volumes open the gate", seen: { ...quiet, attachedClaims: [] }, want: drained },
  {
    name: "volumes have a timeout of their own",
    seen: { ...attached, limits: { volumeSeconds: 30 }, status: { ...quiet.status, volumeWaitStartTime: at(30) } },
    want: drained,
  },
  {
    name: "the volume timeout runs from the volume wait, not from the drain",
    seen: { ...attached, limits: { volumeSeconds: 30 }, status: { ...quiet.status, volumeWaitStartTime: at(31) } },
    want: wait("VolumesAttached", 15),
  },
  {
    name: "a volume timeout of 0 is no limit",
    seen: {
      ...attached,
      nowSeconds: seconds(9000),
      limits: { volumeSeconds: 0 },
      status: { ...quiet.status, volumeWaitStartTime: at(30) },
    },
    want: wait("VolumesAttached", 15),
  },
  {
    name: "the record's own volume timeout wins over the pool's",
    seen: {
      ...attached,
      limits: { volumeSeconds: 3000 },
      spec: { ...quiet.spec, drain: { volumeDetachTimeoutSeconds: 5 } },
      status: { ...quiet.status, volumeWaitStartTime: at(30) },
    },
    want: drained,
  },
  {
    name: "past the deadline volumes are not waited for",
    seen: { ...attached, spec: { ...quiet.spec, deadlineTime: at(70) } },
    want: drained,
  },
  {
    name: "the wish to wait before the release is a gate of its own",
    seen: { ...quiet, spec: { ...quiet.spec, drain: { waitBeforeReleaseSeconds: 90 } } },
    want: wait("WaitBeforeRelease", 31),
  },
  {
    name: "past the deadline nothing is waited for before the release",
    seen: { ...quiet, spec: { ...quiet.spec, deadlineTime: at(70), drain: { waitBeforeReleaseSeconds: 90 } } },
    want: drained,
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(emptyNodeAction(seen), want));
