/** The reviewed table of permissions: what each function's code does with AWS, and why some of it cannot be narrowed. */

/** IAM action of each SDK operation that we use. */
export const OPERATION_TO_ACTION: Readonly<Record<string, string>> = {
  CompleteLifecycleAction: "autoscaling:CompleteLifecycleAction",
  DescribeAutoScalingGroups: "autoscaling:DescribeAutoScalingGroups",
  DescribeAutoScalingInstances: "autoscaling:DescribeAutoScalingInstances",
  DescribeLifecycleHooks: "autoscaling:DescribeLifecycleHooks",
  RecordLifecycleActionHeartbeat: "autoscaling:RecordLifecycleActionHeartbeat",
  DescribeInstances: "ec2:DescribeInstances",
  GetSecretValue: "secretsmanager:GetSecretValue",
  GetParameter: "ssm:GetParameter",
  SendMessage: "sqs:SendMessage",
  SendMessageBatch: "sqs:SendMessage",
};

/** In the bundles because the SDK's default credential chain can use them; on Lambda it takes the role from the environment. */
export const OF_THE_CREDENTIAL_CHAIN: Readonly<Record<string, string>> = {
  AssumeRole: "profiles with role_arn",
  AssumeRoleWithWebIdentity: "web identity tokens",
  CreateToken: "IAM Identity Center, token refresh",
  GetRoleCredentials: "IAM Identity Center",
  CreateOAuth2Token: "console login",
  CreateOAuth2TokenWithIAM: "console login",
};

/** Actions that AWS lets nobody narrow to a resource (service authorization reference), with the reason each is needed. */
export const WITHOUT_RESOURCE_LEVEL: Readonly<Record<string, string>> = {
  "autoscaling:DescribeAutoScalingGroups": "who owns a group; who waits in it",
  "autoscaling:DescribeAutoScalingInstances": "where an instance is and whether it still waits",
  "autoscaling:DescribeLifecycleHooks": "the heartbeat timeout of a hook whose event never came",
  "ec2:DescribeInstances": "whether an instance outside a group is gone; which instances a capacity block holds",
};

const CREDENTIALS = ["secretsmanager:GetSecretValue", "ssm:GetParameter"];
const LOOK = "sqs:SendMessage";
/** lib/reconcile/notice-step.ts: find instance and group (EC2 when a late notice's instance left its group), then come back. */
const RECORD = [
  ...CREDENTIALS,
  LOOK,
  "autoscaling:DescribeAutoScalingInstances",
  "autoscaling:DescribeAutoScalingGroups",
  "ec2:DescribeInstances",
];

/** What each function's code may call. */
export const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  // Acknowledges; a launch is not ours to complete.
  "asg-instance-launching": [],
  "asg-instance-terminating": RECORD,
  "asg-notification-received": RECORD,
  "audit-received": [...CREDENTIALS, LOOK],
  // lib/reconcile/drain-step.ts
  "drain-continued": [
    ...CREDENTIALS,
    LOOK,
    "autoscaling:DescribeAutoScalingInstances",
    "ec2:DescribeInstances",
    "autoscaling:RecordLifecycleActionHeartbeat",
    "autoscaling:CompleteLifecycleAction",
  ],
  "ec2-capacity-expiring": RECORD,
  // lib/reconcile/look-step.ts, and notice-step.ts for an instance that is stopping
  "ec2-instance-state-changed": RECORD,
  "ec2-rebalance-recommended": RECORD,
  "ec2-spot-interrupted": RECORD,
  "health-change-scheduled": RECORD,
  // lib/reconcile/sweep-step.ts: what it finds waiting has just been noticed, so EC2 is never asked.
  "overdue-swept": [
    ...CREDENTIALS,
    LOOK,
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:RecordLifecycleActionHeartbeat",
  ],
};
