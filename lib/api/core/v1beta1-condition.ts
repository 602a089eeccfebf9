/** The condition shape of contract v1beta1, which core, clusterctl and many providers still read (cluster-api api/core/v1beta1/condition_types.go). */

/** `severity` only with status False; `reason` and `message` are absent where there is nothing to say, never empty. */
export interface V1Beta1Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly severity?: "Error" | "Warning" | "Info";
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339. */
  readonly lastTransitionTime: string;
}
