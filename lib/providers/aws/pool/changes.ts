/** The writes to AWS by which a pool is brought to its wish, each with the whole input of its call. */
import type {
  CompleteLifecycleActionCommandInput,
  CreateAutoScalingGroupCommandInput,
  CreateOrUpdateTagsCommandInput,
  DeleteAutoScalingGroupCommandInput,
  DeleteTagsCommandInput as DeleteGroupTagsCommandInput,
  DeleteLifecycleHookCommandInput,
  PutLifecycleHookCommandInput,
  ResumeProcessesCommandInput,
  StartInstanceRefreshCommandInput,
  SuspendProcessesCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from "@aws-sdk/client-auto-scaling";
import type {
  CreateLaunchTemplateCommandInput,
  CreateLaunchTemplateVersionCommandInput,
  CreateTagsCommandInput,
  DeleteLaunchTemplateCommandInput,
  DeleteLaunchTemplateVersionsCommandInput,
  DeleteTagsCommandInput,
} from "@aws-sdk/client-ec2";
import type { DeleteObjectCommandInput, PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { PoolChange } from "../../pool-provider.ts";

interface TemplateInputs {
  readonly CreateLaunchTemplate: CreateLaunchTemplateCommandInput;
  readonly CreateLaunchTemplateVersion: CreateLaunchTemplateVersionCommandInput;
  readonly DeleteLaunchTemplateVersions: DeleteLaunchTemplateVersionsCommandInput;
  readonly DeleteLaunchTemplate: DeleteLaunchTemplateCommandInput;
  readonly TagTemplate: CreateTagsCommandInput;
  readonly UntagTemplate: DeleteTagsCommandInput;
}

interface ObjectInputs {
  readonly PutObject: PutObjectCommandInput;
  readonly DeleteObject: DeleteObjectCommandInput;
}

interface GroupInputs {
  readonly CreateAutoScalingGroup: CreateAutoScalingGroupCommandInput;
  readonly UpdateAutoScalingGroup: UpdateAutoScalingGroupCommandInput;
  readonly DeleteAutoScalingGroup: DeleteAutoScalingGroupCommandInput;
  readonly TagGroup: CreateOrUpdateTagsCommandInput;
  readonly UntagGroup: DeleteGroupTagsCommandInput;
  readonly PutLifecycleHook: PutLifecycleHookCommandInput;
  readonly DeleteLifecycleHook: DeleteLifecycleHookCommandInput;
  readonly CompleteLifecycleAction: CompleteLifecycleActionCommandInput;
  readonly SuspendProcesses: SuspendProcessesCommandInput;
  readonly ResumeProcesses: ResumeProcessesCommandInput;
  readonly StartInstanceRefresh: StartInstanceRefreshCommandInput;
  readonly CancelInstanceRefresh: { readonly AutoScalingGroupName: string };
}

/** `because` is stable, for the log; `input` is the call's. */
type ChangeOf<Inputs> = {
  [Name in keyof Inputs]: { readonly do: Name; readonly because: string; readonly input: Inputs[Name] };
}[keyof Inputs];

/** EC2's calls. */
export type TemplateChange = ChangeOf<TemplateInputs>;
/** Auto Scaling's calls. */
export type GroupChange = ChangeOf<GroupInputs> & {
  /** The maximum comes down: what the group has by then is looked at once more. */
  readonly isNarrower?: true;
};
/** S3's calls. */
export type ObjectChange = ChangeOf<ObjectInputs> & {
  /** Done instead where AWS denies this one: what waits for it need not (`bestEffortDeleteObjects`). */
  readonly otherwise?: TemplateChange;
};
export type AwsChange = TemplateChange | GroupChange | ObjectChange;

const TEMPLATE_CHANGES: readonly string[] = [
  "CreateLaunchTemplate",
  "CreateLaunchTemplateVersion",
  "DeleteLaunchTemplateVersions",
  "DeleteLaunchTemplate",
  "TagTemplate",
  "UntagTemplate",
] satisfies TemplateChange["do"][];

export const isTemplateChange = (change: AwsChange): change is TemplateChange => TEMPLATE_CHANGES.includes(change.do);

export const isObjectChange = (change: AwsChange): change is ObjectChange =>
  change.do === "PutObject" || change.do === "DeleteObject";

export const toPoolChange = (change: AwsChange): PoolChange => ({
  do: change.do,
  because: change.because,
  detail: change,
});
