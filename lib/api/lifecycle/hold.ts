/** What a cloud holds an instance with, a one-of: exactly one member is set. Its cloud's provider alone reads inside. */

/** One lifecycle hook of an Auto Scaling group that waits for us (AWS CompleteLifecycleAction). */
export interface AutoScalingHook {
  readonly name: string;
  /** Absent when a sweep found the instance waiting: the instance id completes it as well. */
  readonly token?: string;
  /** 30..7200; absent when the pool does not declare the hook. */
  readonly heartbeatTimeoutSeconds?: number;
}

export interface Hold {
  readonly autoScaling?: {
    readonly groupName: string;
    /** By name; a later event for a hook replaces its entry. */
    readonly hooks: readonly AutoScalingHook[];
  };
}
