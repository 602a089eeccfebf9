/** Makes one change: one call to AWS, where "already so" and "already gone" are success. */
import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { ProviderError } from "../../errors.ts";
import { asAws, saysNotHeld } from "../errors.ts";
import {
  type AwsChange,
  type GroupChange,
  isObjectChange,
  isTemplateChange,
  type ObjectChange,
  type TemplateChange,
} from "./changes.ts";
import type { PoolClients } from "./clients.ts";

interface Options {
  readonly abortSignal?: AbortSignal;
}

/** @throws ProviderError */
export async function applyChange(change: AwsChange, clients: PoolClients, signal?: AbortSignal): Promise<void> {
  const options = signal ? { abortSignal: signal } : {};
  try {
    await send(change, clients, options);
  } catch (error) {
    const instead = isDenied(error) && isObjectChange(change) ? change.otherwise : undefined;
    if (instead) return applyChange(instead, clients, signal);
    const said = tooEarly(error);
    if (!isAlreadySo(change, said)) throw said;
  }
}

const isDenied = (error: unknown) => error instanceof ProviderError && error.kind === "denied";

const ACTIONS: Readonly<Partial<Record<AwsChange["do"], string>>> = {
  TagTemplate: "ec2:CreateTags",
  UntagTemplate: "ec2:DeleteTags",
  TagGroup: "autoscaling:CreateOrUpdateTags",
  UntagGroup: "autoscaling:DeleteTags",
};

function send(change: AwsChange, clients: PoolClients, options: Options): Promise<unknown> {
  const ownName = ACTIONS[change.do];
  if (isTemplateChange(change)) {
    return asAws(ownName ?? `ec2:${change.do}`, async () => sendToEc2(change, await clients.ec2(), options));
  }
  if (isObjectChange(change)) {
    return asAws(`s3:${change.do}`, async () => sendToS3(change, await clients.s3(), options));
  }
  const action = ownName ?? `autoscaling:${change.do}`;
  return asAws(action, async () => sendToAutoScaling(change, await clients.autoScaling(), options));
}

function sendToS3(change: ObjectChange, client: S3Client, options: Options): Promise<unknown> {
  return change.do === "PutObject"
    ? client.send(new PutObjectCommand(change.input), options)
    : client.send(new DeleteObjectCommand(change.input), options);
}

async function sendToEc2(change: TemplateChange, client: EC2Client, options: Options): Promise<unknown> {
  const sdk = await import("@aws-sdk/client-ec2");
  switch (change.do) {
    case "CreateLaunchTemplate":
      return client.send(new sdk.CreateLaunchTemplateCommand(change.input), options);
    case "CreateLaunchTemplateVersion":
      return client.send(new sdk.CreateLaunchTemplateVersionCommand(change.input), options);
    case "DeleteLaunchTemplateVersions":
      return client.send(new sdk.DeleteLaunchTemplateVersionsCommand(change.input), options);
    case "DeleteLaunchTemplate":
      return client.send(new sdk.DeleteLaunchTemplateCommand(change.input), options);
    case "TagTemplate":
      return client.send(new sdk.CreateTagsCommand(change.input), options);
    case "UntagTemplate":
      return client.send(new sdk.DeleteTagsCommand(change.input), options);
  }
}

async function sendToAutoScaling(change: GroupChange, client: AutoScalingClient, options: Options): Promise<unknown> {
  const sdk = await import("@aws-sdk/client-auto-scaling");
  switch (change.do) {
    case "CreateAutoScalingGroup":
      return client.send(new sdk.CreateAutoScalingGroupCommand(change.input), options);
    case "UpdateAutoScalingGroup":
      return client.send(new sdk.UpdateAutoScalingGroupCommand(change.input), options);
    case "DeleteAutoScalingGroup":
      return client.send(new sdk.DeleteAutoScalingGroupCommand(change.input), options);
    case "TagGroup":
      return client.send(new sdk.CreateOrUpdateTagsCommand(change.input), options);
    case "UntagGroup":
      return client.send(new sdk.DeleteTagsCommand(change.input), options);
    case "PutLifecycleHook":
      return client.send(new sdk.PutLifecycleHookCommand(change.input), options);
    case "DeleteLifecycleHook":
      return client.send(new sdk.DeleteLifecycleHookCommand(change.input), options);
    case "CompleteLifecycleAction":
      return client.send(new sdk.CompleteLifecycleActionCommand(change.input), options);
    case "SuspendProcesses":
      return client.send(new sdk.SuspendProcessesCommand(change.input), options);
    case "ResumeProcesses":
      return client.send(new sdk.ResumeProcessesCommand(change.input), options);
    case "StartInstanceRefresh":
      return client.send(new sdk.StartInstanceRefreshCommand(change.input), options);
    case "CancelInstanceRefresh":
      return client.send(new sdk.CancelInstanceRefreshCommand(change.input), options);
  }
}

/** A template made a moment ago is not known to Auto Scaling yet; a bad image is refused in nearly the same words. */
function tooEarly(error: unknown): unknown {
  if (!(error instanceof ProviderError) || error.kind !== "invalid") return error;
  const isTooEarly = /fully-formed launch template\. the specified launch template/i.test(error.message);
  return isTooEarly ? new ProviderError("conflict", "autoscaling", "it is tried again", error.cause) : error;
}

/** Somebody was faster, or an earlier try took effect and its answer was lost: the next look shows what there is. */
function isAlreadySo(change: AwsChange, error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  const { kind, message } = error;
  if (change.do.startsWith("Create") && /already exists|already in use/i.test(message)) return true;
  if (change.do === "CancelInstanceRefresh") return kind === "conflict" && /no in progress/i.test(message);
  if (change.do === "StartInstanceRefresh") return kind === "conflict" && /already in progress/i.test(message);
  if (change.do === "CompleteLifecycleAction") return saysNotHeld(error);
  const isRemoval = change.do.startsWith("Delete") || change.do.startsWith("Untag");
  return isRemoval && (kind === "not-found" || /not found|does not exist/i.test(message));
}
