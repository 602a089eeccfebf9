/** What went over the wire: every local server keeps such a list, so that stories, benchmarks and role tests can count. */

export interface Call {
  readonly at: Date;
  /** "kubernetes:management", "kubernetes:workload", "autoscaling", "ec2", "sqs" ... */
  readonly server: string;
  /** User or access key that called. */
  readonly who: string;
  /** "PATCH nodes", "POST pods/eviction", "CompleteLifecycleAction" ... */
  readonly what: string;
  /** The object, e.g. "default/web-1" or "i-0abc"; empty for lists. */
  readonly target: string;
  readonly code: number;
}
