/** The reviewed table of permissions: what each function's code does with AWS, and why some of it cannot be narrowed. */

/** IAM action of each SDK operation that we use. */
export const OPERATION_TO_ACTION: Readonly<Record<string, string>> = {
  AssumeRole: "sts:AssumeRole",
  CancelInstanceRefresh: "autoscaling:CancelInstanceRefresh",
  CompleteLifecycleAction: "autoscaling:CompleteLifecycleAction",
  CreateAutoScalingGroup: "autoscaling:CreateAutoScalingGroup",
  CreateLaunchTemplate: "ec2:CreateLaunchTemplate",
  CreateLaunchTemplateVersion: "ec2:CreateLaunchTemplateVersion",
  CreateOrUpdateTags: "autoscaling:CreateOrUpdateTags",
  CreateTags: "ec2:CreateTags",
  DeleteAutoScalingGroup: "autoscaling:DeleteAutoScalingGroup",
  DeleteLaunchTemplate: "ec2:DeleteLaunchTemplate",
  DeleteLaunchTemplateVersions: "ec2:DeleteLaunchTemplateVersions",
  DeleteObject: "s3:DeleteObject",
  GetObject: "s3:GetObject",
  ListObjectsV2: "s3:ListBucket",
  PutObject: "s3:PutObject",
  DeleteLifecycleHook: "autoscaling:DeleteLifecycleHook",
  DescribeAutoScalingGroups: "autoscaling:DescribeAutoScalingGroups",
  DescribeAutoScalingInstances: "autoscaling:DescribeAutoScalingInstances",
  DeleteTags: "ec2:DeleteTags",
  DescribeImages: "ec2:DescribeImages",
  DescribeInstanceRefreshes: "autoscaling:DescribeInstanceRefreshes",
  DescribeInstanceTypes: "ec2:DescribeInstanceTypes",
  DescribeLaunchTemplates: "ec2:DescribeLaunchTemplates",
  DescribeLaunchTemplateVersions: "ec2:DescribeLaunchTemplateVersions",
  DescribeLifecycleHooks: "autoscaling:DescribeLifecycleHooks",
  DescribeScalingActivities: "autoscaling:DescribeScalingActivities",
  DescribeSecurityGroups: "ec2:DescribeSecurityGroups",
  DescribeSubnets: "ec2:DescribeSubnets",
  PutLifecycleHook: "autoscaling:PutLifecycleHook",
  RecordLifecycleActionHeartbeat: "autoscaling:RecordLifecycleActionHeartbeat",
  ResumeProcesses: "autoscaling:ResumeProcesses",
  SetDesiredCapacity: "autoscaling:SetDesiredCapacity",
  StartInstanceRefresh: "autoscaling:StartInstanceRefresh",
  SuspendProcesses: "autoscaling:SuspendProcesses",
  TerminateInstanceInAutoScalingGroup: "autoscaling:TerminateInstanceInAutoScalingGroup",
  UpdateAutoScalingGroup: "autoscaling:UpdateAutoScalingGroup",
  DescribeInstances: "ec2:DescribeInstances",
  GetSecretValue: "secretsmanager:GetSecretValue",
  GetParameter: "ssm:GetParameter",
  SendMessage: "sqs:SendMessage",
  SendMessageBatch: "sqs:SendMessage",
};

/**
 * In the bundles because an SDK client can make the call by itself. Nearly all are the default credential chain's; on Lambda
 * it takes the role from the environment.
 */
export const OF_THE_SDK_ITSELF: Readonly<Record<string, string>> = {
  AssumeRole: "profiles with role_arn",
  AssumeRoleWithWebIdentity: "web identity tokens",
  CreateToken: "IAM Identity Center, token refresh",
  GetRoleCredentials: "IAM Identity Center",
  CreateSession: "directory buckets, whose names end in --x-s3: a cluster's bucket is none",
  CreateOAuth2Token: "console login",
  CreateOAuth2TokenWithIAM: "console login",
};

/** Actions that AWS asks for behind the call of another: nobody sends them. */
export const BEHIND_ANOTHER: Readonly<Record<string, string>> = {
  "autoscaling:DeleteTags": "the same name as EC2's, which the bundle has too",
  "ec2:RunInstances": "a group with a launch template is made or changed only by who may launch from it",
  "iam:PassRole": "the instance profile in a launch template",
};

/** Actions that AWS lets nobody narrow to a resource (service authorization reference), with the reason each is needed. */
export const WITHOUT_RESOURCE_LEVEL: Readonly<Record<string, string>> = {
  "autoscaling:DescribeAutoScalingGroups": "who owns a group; who waits in it",
  "autoscaling:DescribeAutoScalingInstances": "where an instance is and whether it still waits",
  "autoscaling:DescribeInstanceRefreshes": "whether a replacement runs",
  "autoscaling:DescribeScalingActivities": "why a launch failed",
  "ec2:DescribeImages": "the newest image that a pool asks for",
  "ec2:DescribeInstanceTypes": "the architecture of an instance type, for its image",
  "ec2:DescribeLaunchTemplates": "the template of a pool",
  "ec2:DescribeLaunchTemplateVersions": "what its instances were launched from",
  "ec2:DescribeSecurityGroups": "those that a pool names by filter",
  "ec2:DescribeSubnets": "those that a pool names by filter",
  "autoscaling:DescribeLifecycleHooks": "the heartbeat timeout of a hook whose event never came",
  "ec2:DescribeInstances": "whether an instance outside a group is gone; which instances a capacity block holds",
};

const CREDENTIALS = ["secretsmanager:GetSecretValue", "ssm:GetParameter"];
const LOOK = "sqs:SendMessage";
/** lib/reconcile/notice-step.ts: find instance and group, then come back. */
const RECORD = [
  ...CREDENTIALS,
  LOOK,
  "autoscaling:DescribeAutoScalingInstances",
  "autoscaling:DescribeAutoScalingGroups",
];
/** The notice has an end: when it is over and the instance in no group any more, EC2 is asked. */
const RECORD_ENDING = [...RECORD, "ec2:DescribeInstances"];

/** What each function's code may call. */
export const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  // Acknowledges; a launch is not ours to complete.
  "asg-instance-launching": [],
  // lib/reconcile/group-hint.ts
  "asg-group-changed": [...CREDENTIALS, LOOK],
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
    "autoscaling:TerminateInstanceInAutoScalingGroup",
  ],
  "ec2-capacity-expiring": RECORD_ENDING,
  // lib/reconcile/look-step.ts; an instance that somebody stops is recorded.
  "ec2-instance-state-changed": RECORD_ENDING,
  "ec2-rebalance-recommended": RECORD,
  "ec2-spot-interrupted": RECORD_ENDING,
  "health-change-scheduled": RECORD_ENDING,
  // lib/reconcile/pool-step.ts and node-step.ts
  "pool-continued": [
    ...CREDENTIALS,
    LOOK,
    "sts:AssumeRole",
    "iam:PassRole",
    "autoscaling:CancelInstanceRefresh",
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:CreateOrUpdateTags",
    "autoscaling:DeleteAutoScalingGroup",
    "autoscaling:DeleteLifecycleHook",
    "autoscaling:DeleteTags",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeInstanceRefreshes",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:PutLifecycleHook",
    "autoscaling:ResumeProcesses",
    "autoscaling:SetDesiredCapacity",
    "autoscaling:StartInstanceRefresh",
    "autoscaling:SuspendProcesses",
    "autoscaling:UpdateAutoScalingGroup",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateLaunchTemplateVersion",
    "ec2:CreateTags",
    "ec2:DeleteLaunchTemplate",
    "ec2:DeleteLaunchTemplateVersions",
    "ec2:DeleteTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:RunInstances",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
  ],
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
