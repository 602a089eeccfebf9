/** What a cloud holds an instance with, a one-of: exactly one member is set. Its cloud's provider alone reads inside. */

/** One lifecycle hook of an Auto Scaling group that waits for us (AWS CompleteLifecycleAction). */
export interface AutoScalingHook {
  readonly name: string;
  /** Absent when a sweep found the instance waiting: the instance id completes it as well. */
  readonly token?: string;
  /** 30..7200; absent when the pool does not declare the hook. */
  readonly heartbeatTimeoutSeconds?: number;
}

/** One scheduled event of virtual machines that waits for our acknowledgement (ARM Microsoft.Maintenance/scheduledevents). */
export interface AzureScheduledEvent {
  readonly eventId: string;
  /** ARM id of the scale set, or of the machine, that the event hangs on: there it is acknowledged. */
  readonly resourceId: string;
  /** "Terminate", "Redeploy", "Reboot" or "Freeze". */
  readonly eventType: string;
  /** RFC 3339: it takes place then, acknowledged or not. */
  readonly notBefore: string;
  /** Names of all machines it is about, sorted: one acknowledgement lets all of them go. */
  readonly machines: readonly string[];
}

export interface Hold {
  readonly autoScaling?: {
    readonly groupName: string;
    /** By name; a later event for a hook replaces its entry. */
    readonly hooks: readonly AutoScalingHook[];
  };
  readonly azureScheduledEvent?: AzureScheduledEvent;
}
