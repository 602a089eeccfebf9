/** The log of what Auto Scaling does, as DescribeScalingActivities shows it, and the events that tell how each thing ended. */

import type { Instance, Place } from "./fleet.ts";
import type { Group } from "./group.ts";

export interface Activity {
  readonly ActivityId: string;
  readonly AutoScalingGroupName: string;
  readonly Description: string;
  readonly Cause: string;
  readonly StartTime: Date;
  readonly EndTime?: Date;
  readonly StatusCode: "PreInService" | "InProgress" | "MidLifecycleAction" | "Successful" | "Cancelled" | "Failed";
  readonly StatusMessage?: string;
  readonly Progress: number;
  readonly Details: string;
}

type Verb = "Launch" | "Terminate" | "Detach";
const SAYS: Readonly<Record<Verb, string>> = {
  Launch: "Launching a new EC2 instance",
  Terminate: "Terminating EC2 instance",
  Detach: "Detaching EC2 instance",
};

export function createActivities({ clock, region, accountId, ids, bus }: Place) {
  const log = new Map<string, Activity>();
  const current = new Map<string, string>();

  const change = (instanceId: string, part: Partial<Activity>): Activity | undefined => {
    const old = log.get(current.get(instanceId) ?? "");
    if (!old) return undefined;
    const changed = { ...old, ...part };
    log.set(old.ActivityId, changed);
    return changed;
  };

  return {
    start: (verb: Verb, { group, instance, cause }: { group: Group; instance: Instance; cause: string }): Activity => {
      const started: Activity = {
        ActivityId: ids.uuid(),
        AutoScalingGroupName: group.AutoScalingGroupName,
        Description: `${SAYS[verb]}: ${instance.id}`,
        Cause: cause,
        StartTime: clock.now(),
        StatusCode: verb === "Launch" ? "PreInService" : "InProgress",
        Progress: 0,
        Details: JSON.stringify({ "Subnet ID": instance.subnetId, "Availability Zone": instance.zone }),
      };
      log.set(started.ActivityId, started);
      current.set(instance.id, started.ActivityId);
      return started;
    },
    /** A launch that EC2 refused: no instance came of it. */
    refused: (group: Group, cause: string, message: string): void => {
      const now = clock.now();
      const failed: Activity = {
        ActivityId: ids.uuid(),
        AutoScalingGroupName: group.AutoScalingGroupName,
        Description: "Launching a new EC2 instance",
        Cause: cause,
        StartTime: now,
        EndTime: now,
        StatusCode: "Failed",
        StatusMessage: message,
        Progress: 100,
        Details: "{}",
      };
      log.set(failed.ActivityId, failed);
    },
    waits: (instanceId: string) => void change(instanceId, { StatusCode: "MidLifecycleAction", Progress: 50 }),
    /** Closes the instance's running activity and, when it went well, says so on the bus. */
    end: (verb: Verb, { group, instance, ok }: { group: Group; instance: Instance; ok: boolean }): void => {
      const ended = change(instance.id, {
        StatusCode: ok ? "Successful" : "Cancelled",
        Progress: 100,
        EndTime: clock.now(),
      });
      current.delete(instance.id);
      if (!ended || !ok) return;
      const { ActivityId, Cause, Description, StartTime, Details } = ended;
      bus.emit({
        source: "aws.autoscaling",
        detailType: `EC2 Instance ${verb} Successful`,
        resources: [group.AutoScalingGroupARN, `arn:aws:ec2:${region}:${accountId}:instance/${instance.id}`],
        detail: {
          StatusCode: "InProgress",
          AutoScalingGroupName: group.AutoScalingGroupName,
          ActivityId,
          Details: JSON.parse(Details),
          RequestId: ActivityId,
          EndTime: clock.now().toISOString(),
          EC2InstanceId: instance.id,
          StartTime: StartTime.toISOString(),
          Cause,
          Description,
          Origin: verb === "Launch" ? "EC2" : "AutoScalingGroup",
          Destination: verb === "Launch" ? "AutoScalingGroup" : "EC2",
        },
      });
    },
    newestFirst: () => [...log.values()].reverse(),
    inProgress: (group: string) => [...log.values()].find((one) => one.AutoScalingGroupName === group && !one.EndTime),
    lastEnd: (group: string) =>
      Math.max(
        ...[...log.values()]
          .filter((one) => one.AutoScalingGroupName === group)
          .map((one) => one.EndTime?.getTime() ?? 0),
      ),
  };
}
