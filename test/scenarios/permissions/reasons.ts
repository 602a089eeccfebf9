/** Rights that no call of ours carries by itself, each with its reason; one that is played after all fails its test. */

const BLOCKING =
  "the API server asks for it behind a create whose owner reference blocks deletion, where OwnerReferencesPermissionEnforcement is on";

export const KUBERNETES_REASONS: Readonly<Record<string, string>> = {
  "pool-continued update machinepools/finalizers.cluster.x-k8s.io (management)": BLOCKING,
  "pool-continued update awsmachinepools/finalizers.infrastructure.cluster.x-k8s.io (management)": BLOCKING,
};

const ANY_FUNCTION: Readonly<Record<string, string>> = {
  "ec2:RunInstances": "AWS asks for it behind CreateAutoScalingGroup and UpdateAutoScalingGroup with a launch template",
  "iam:PassRole": "AWS asks for it behind a launch template with an instance profile",
  "ssm:GetParameter": "the secret may be kept as a parameter; here all are secrets of Secrets Manager",
};

const ONE_FUNCTION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "pool-continued": { "s3:GetObject": "AWS asks for it where an instance uses the address that the function signed" },
  "drain-continued": {
    "ec2:DescribeInstances": "whether an instance that was detached during its drain lives on (rows of test/clouds)",
  },
  "asg-instance-launching": { "sqs:SendMessage": "Lambda sends with the function's role what it gave up on" },
};

/** What a function calls for another purpose, too. */
const PLAYED: Readonly<Record<string, readonly string[]>> = {
  // Images that EKS publishes.
  "pool-continued": ["ssm:GetParameter"],
};

/** Why nobody in the stories calls it; undefined: somebody must. */
export const reasonFor = (functionName: string, action: string): string | undefined =>
  ONE_FUNCTION[functionName]?.[action] ?? (PLAYED[functionName]?.includes(action) ? undefined : ANY_FUNCTION[action]);
