/** Lifecycle hooks as plain facts. */
import type { HookFacts } from "../../../../lib/providers/aws/pool/sight.ts";

export const DRAIN: HookFacts = {
  name: "lifeguard-drain",
  transition: "autoscaling:EC2_INSTANCE_TERMINATING",
  heartbeatSeconds: 300,
  defaultResult: "CONTINUE",
  targetArn: "",
  roleArn: "",
  metadata: "",
};

export const hookNamed = (name: string, change: Partial<HookFacts> = {}): HookFacts => ({ ...DRAIN, name, ...change });
