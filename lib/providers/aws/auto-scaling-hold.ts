/** What lifecycle hooks ask of us, and how they are kept alive and completed: always CONTINUE, each hook by itself. */
import type { AwsMachinePool } from "../../api/aws/aws-machine-pool.ts";
import type { AutoScalingHook, Hold } from "../../api/lifecycle/hold.ts";
import type { HoldTerms } from "../provider.ts";
import type { AutoScalingApi, HookAction } from "./auto-scaling-api.ts";
import { drainHooks } from "./drain-hook.ts";
import { durationSeconds } from "./duration.ts";
import { saysNotHeld } from "./errors.ts";

export const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

/** AWS's own limits and default (PutLifecycleHook, "Lifecycle hooks" of the EC2 Auto Scaling user guide). */
const HEARTBEAT_TIMEOUT_SECONDS = { least: 30, most: 7200, byDefault: 3600 };
const LONGEST_WAIT_SECONDS = 48 * 3600;
const LONGEST_WAIT_HEARTBEATS = 100;

type AutoScalingHold = NonNullable<Hold["autoScaling"]>;

/**
 * A hook that the pool does not declare has no known timeout: it is kept alive as the shortest that AWS accepts would
 * have to be, which is safe, and its end is not guessed, since guessing too early would end a drain too early.
 */
export function termsOf({ autoScaling }: Hold): HoldTerms {
  if (!autoScaling) return { names: [] };
  const { groupName, hooks } = autoScaling;
  const known = hooks.flatMap((hook) => hook.heartbeatTimeoutSeconds ?? []);
  const unknown = hooks.filter((hook) => hook.heartbeatTimeoutSeconds === undefined).map(({ name }) => name);
  const shortest = Math.min(...known, ...unknown.map(() => HEARTBEAT_TIMEOUT_SECONDS.least));
  return {
    names: hooks.map(({ name }) => `lifecycle hook ${name} of ${groupName}`),
    ...(hooks.length > 0 ? { heartbeatTimeoutSeconds: shortest } : {}),
    ...(known.length > 0 ? { maximumSeconds: longestWaitSeconds(Math.min(...known)) } : {}),
    ...(unknown.length > 0 ? { warning: undeclared(unknown, groupName) } : {}),
  };
}

const longestWaitSeconds = (heartbeatTimeoutSeconds: number) =>
  Math.min(LONGEST_WAIT_SECONDS, LONGEST_WAIT_HEARTBEATS * heartbeatTimeoutSeconds);

const undeclared = (names: readonly string[], groupName: string) => ({
  reason: "HookNotDeclared",
  message:
    `AWSMachinePool ${groupName} does not declare ${names.join(", ")}: add it to spec.lifecycleHooks, ` +
    "or upstream's AWS provider deletes it from the group at its next pass",
});

/** Fills in the timeouts that the pool declares, or that pool reconciliation gives the hook which it adds by itself. */
export function completeHold(hold: Hold, pool: Pick<AwsMachinePool, "metadata" | "spec">): Hold {
  const { autoScaling } = hold;
  if (!autoScaling) return hold;
  const declared = [...(pool.spec.lifecycleHooks ?? []), ...drainHooks(pool)].filter(
    (hook) => hook.lifecycleTransition === TERMINATING,
  );
  const complete = (hook: AutoScalingHook): AutoScalingHook => {
    const found = declared.find(({ name }) => name === hook.name);
    if (hook.heartbeatTimeoutSeconds !== undefined || !found) return hook;
    return { ...hook, heartbeatTimeoutSeconds: declaredSeconds(found.heartbeatTimeout) };
  };
  return { autoScaling: { ...autoScaling, hooks: autoScaling.hooks.map(complete) } };
}

/** Upstream admits up to 48 hours, of which AWS takes no more than two. */
function declaredSeconds(heartbeatTimeout: string | undefined): number {
  const { least, most, byDefault } = HEARTBEAT_TIMEOUT_SECONDS;
  const seconds = heartbeatTimeout === undefined ? undefined : durationSeconds(heartbeatTimeout);
  return Math.min(most, Math.max(least, Math.floor(seconds ?? byDefault)));
}

type Answer = "accepted" | "not-held";
type Verb = (action: HookAction) => Promise<void>;

export const heartbeat = (api: AutoScalingApi, instanceId: string, hold: AutoScalingHold): Promise<Answer> =>
  forEachHook(hold, (hook) => ask((action) => api.heartbeat(action), { hold, hook, instanceId }));

export const release = (api: AutoScalingApi, instanceId: string, hold: AutoScalingHold): Promise<Answer> =>
  forEachHook(hold, (hook) => ask((action) => api.complete(action), { hold, hook, instanceId }));

/** Every hook is asked even when another fails; a failure is then thrown, and all of it can be repeated. */
async function forEachHook(
  { hooks }: AutoScalingHold,
  each: (hook: AutoScalingHook) => Promise<Answer>,
): Promise<Answer> {
  const settled = await Promise.allSettled(hooks.map(each));
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  return settled.some((one) => one.status === "fulfilled" && one.value === "accepted") ? "accepted" : "not-held";
}

interface Waiting {
  readonly hold: AutoScalingHold;
  readonly hook: AutoScalingHook;
  readonly instanceId: string;
}

/** A token that no longer fits may belong to an earlier action of the same hook: the instance id names the present one. */
async function ask(verb: Verb, { hold: { groupName }, hook, instanceId }: Waiting): Promise<Answer> {
  const named = { groupName, hookName: hook.name, instanceId };
  const { token } = hook;
  if (token !== undefined && (await accepts(verb, { ...named, token }))) return "accepted";
  return (await accepts(verb, named)) ? "accepted" : "not-held";
}

async function accepts(verb: Verb, action: HookAction): Promise<boolean> {
  try {
    await verb(action);
    return true;
  } catch (error) {
    if (saysNotHeld(error)) return false;
    throw error;
  }
}
