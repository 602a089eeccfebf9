/** What upstream's webhook refuses is refused here too, with what to change. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsLaunchTemplate } from "../../../../lib/api/aws/aws-launch-template.ts";
import type { AwsLifecycleHook, AwsMachinePoolSpec } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { specProblems } from "../../../../lib/providers/aws/pool/spec-problems.ts";

const template = (awsLaunchTemplate: AwsLaunchTemplate): AwsMachinePoolSpec => ({ awsLaunchTemplate });
const hook = (change: Partial<AwsLifecycleHook>): AwsMachinePoolSpec => ({
  lifecycleHooks: [{ name: "mine", lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING", ...change }],
});
const both = { id: "x", filters: [{ name: "a", values: ["b"] }] };
const tooMany = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, "x"]));

const refused: [string, AwsMachinePoolSpec, RegExp][] = [
  ["a negative cooldown", { defaultCoolDown: "-5s" }, /defaultCoolDown/],
  ["a warm-up that is no duration", { defaultInstanceWarmup: "5 minutes" }, /defaultInstanceWarmup/],
  ["a refresh strategy that AWS does not have", { refreshPreferences: { strategy: "Canary" } }, /ReplaceRootVolume/],
  ["a minimum above the maximum", { minSize: 3, maxSize: 2 }, /minSize/],
  ["io1 without iops", template({ rootVolume: { size: 8, type: "io1" } }), /iops/],
  [
    "throughput that gp3 does not have",
    template({ rootVolume: { size: 8, type: "gp3", throughput: 100 } }),
    /throughput/,
  ],
  [
    "throughput without gp3",
    template({ nonRootVolumes: [{ deviceName: "/dev/sdb", size: 8, type: "gp2", throughput: 200 }] }),
    /throughput/,
  ],
  ["a further volume without a device", template({ nonRootVolumes: [{ size: 8 }] }), /deviceName/],
  ["too many tags", { additionalTags: tooMany }, /50/],
  ["AWS's own tags", { additionalTags: { "aws:x": "y" } }, /aws:x/],
  ["a tag with odd characters", { additionalTags: { "a*b": "y" } }, /a\*b/],
  ["a subnet by id and filter", { subnets: [both] }, /subnets\[0\]/],
  ["a subnet by nothing", { subnets: [{}] }, /subnets\[0\]/],
  [
    "a security group by id and filter",
    template({ additionalSecurityGroups: [both] }),
    /additionalSecurityGroups\[0\]/,
  ],
  [
    "Spot and a mixed policy",
    { ...template({ spotMarketOptions: {} }), mixedInstancesPolicy: {} },
    /mixedInstancesPolicy/,
  ],
  [
    "a maximum of healthy ones without a minimum",
    { refreshPreferences: { maxHealthyPercentage: 110 } },
    /minHealthyPercentage/,
  ],
  ["a gap above a hundred", { refreshPreferences: { minHealthyPercentage: 0, maxHealthyPercentage: 101 } }, /100/],
  ["a capacity block without a reservation", template({ marketType: "CapacityBlock" }), /capacityReservationId/],
  [
    "a capacity block with Spot",
    template({ marketType: "CapacityBlock", capacityReservationId: "cr", spotMarketOptions: {} }),
    /spotMarketOptions/,
  ],
  ["on demand with Spot options", template({ marketType: "OnDemand", spotMarketOptions: {} }), /spotMarketOptions/],
  ["Spot with a reservation", template({ marketType: "Spot", capacityReservationId: "cr" }), /excludes/],
  [
    "a reservation with the wrong preference",
    template({ capacityReservationId: "cr", capacityReservationPreference: "Open" }),
    /preference/,
  ],
  ["a hook without a name", hook({ name: "" }), /name/],
  ["a hook's role without a target", hook({ roleARN: "arn" }), /both/],
  ["a hook's target without a role", hook({ notificationTargetARN: "arn" }), /both/],
  ["a heartbeat of 29 s", hook({ heartbeatTimeout: "29s" }), /heartbeatTimeout/],
  ["a heartbeat of 172801 s", hook({ heartbeatTimeout: "172801s" }), /heartbeatTimeout/],
  [
    "a proxy for an Ignition that knows none",
    { ignition: { storageType: "ClusterObjectStore", version: "3.0", proxy: { httpProxy: "http://p" } } },
    /ignition\.version 3\.1/,
  ],
];
for (const [name, spec, want] of refused) {
  test(`refused: ${name}`, () => assert.match(specProblems(spec).join("\n"), want));
}

const accepted: [string, AwsMachinePoolSpec][] = [
  ["an empty spec", {}],
  [
    "a root volume with a device name, as clusterctl move brings it",
    template({ rootVolume: { deviceName: "/dev/sda1", size: 8 } }),
  ],
  [
    "no throughput on a further volume, as upstream's webhook lets it pass",
    template({ nonRootVolumes: [{ deviceName: "/dev/sdb", size: 8, type: "gp3", throughput: 0 }] }),
  ],
  ["a refresh that replaces root volumes", { refreshPreferences: { strategy: "ReplaceRootVolume" } }],
  ["tags as AWS takes them", { additionalTags: { "team/x:y": "a b_c.d=e+f-g@h" } }],
  ["a subnet by id, one by filter", { subnets: [{ id: "x" }, { filters: both.filters }] }],
  ["a gap of a hundred", { refreshPreferences: { minHealthyPercentage: 50, maxHealthyPercentage: 150 } }],
  ["a capacity block with its reservation", template({ marketType: "CapacityBlock", capacityReservationId: "cr" })],
  [
    "a reservation with its preference",
    template({ capacityReservationId: "cr", capacityReservationPreference: "CapacityReservationsOnly" }),
  ],
  [
    "a proxy and authorities for one that knows both",
    { ignition: { storageType: "ClusterObjectStore", version: "3.1", proxy: {}, tls: {} } },
  ],
  [
    "a proxy that nobody uses, since the data lies in the template",
    { ignition: { storageType: "UnencryptedUserData", proxy: { httpProxy: "http://p" } } },
  ],
  ["a whole hook", hook({ notificationTargetARN: "arn", roleARN: "arn", heartbeatTimeout: "48h" })],
];
for (const [name, spec] of accepted) test(`accepted: ${name}`, () => assert.deepEqual(specProblems(spec), []));
