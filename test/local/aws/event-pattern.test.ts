/** EventBridge patterns, row by row. */
import { strictEqual, throws } from "node:assert/strict";
import test from "node:test";
import { matchesPattern, type Pattern } from "../../../infra/local/aws/event-pattern.ts";

const event = {
  source: "aws.autoscaling",
  "detail-type": "EC2 Instance-terminate Lifecycle Action",
  resources: ["arn:one", "arn:two"],
  detail: { LifecycleHookName: "lifeguard-drain", Destination: "EC2", count: 3 },
};

const rows: readonly { readonly name: string; readonly pattern: Pattern; readonly want: boolean }[] = [
  { name: "an empty pattern matches everything", pattern: {}, want: true },
  { name: "an equal value matches", pattern: { source: ["aws.autoscaling"] }, want: true },
  { name: "one of several values is enough", pattern: { source: ["aws.ec2", "aws.autoscaling"] }, want: true },
  { name: "another value does not match", pattern: { source: ["aws.ec2"] }, want: false },
  { name: "every named field must match", pattern: { source: ["aws.autoscaling"], "detail-type": ["x"] }, want: false },
  { name: "a nested value matches", pattern: { detail: { Destination: ["EC2"] } }, want: true },
  { name: "a nested field that is missing does not match", pattern: { detail: { Origin: ["EC2"] } }, want: false },
  { name: "a nested pattern does not match plain text", pattern: { source: { deeper: ["x"] } }, want: false },
  { name: "a number is compared as a number", pattern: { detail: { count: ["3"] } }, want: false },
  { name: "one element of a list is enough", pattern: { resources: ["arn:two"] }, want: true },
  { name: "a prefix", pattern: { detail: { LifecycleHookName: [{ prefix: "lifeguard-" }] } }, want: true },
  { name: "a prefix of something else", pattern: { detail: { LifecycleHookName: [{ prefix: "eks-" }] } }, want: false },
  { name: "a suffix", pattern: { "detail-type": [{ suffix: "Lifecycle Action" }] }, want: true },
  {
    name: "anything but another value",
    pattern: { detail: { Destination: [{ "anything-but": ["WarmPool"] }] } },
    want: true,
  },
  { name: "anything but this value", pattern: { detail: { Destination: [{ "anything-but": "EC2" }] } }, want: false },
  { name: "anything but a prefix", pattern: { source: [{ "anything-but": { prefix: "aws." } }] }, want: false },
  { name: "a field that exists", pattern: { detail: { Destination: [{ exists: true }] } }, want: true },
  { name: "a field that must not exist", pattern: { detail: { Origin: [{ exists: false }] } }, want: true },
];

for (const { name, pattern, want } of rows) test(name, () => strictEqual(matchesPattern(pattern, event), want));

test("an operator that is not known is an error, not a wrong answer", () => {
  throws(() => matchesPattern({ source: [{ wildcard: "aws.*" }] }, event), /"wildcard" is not known/);
});
