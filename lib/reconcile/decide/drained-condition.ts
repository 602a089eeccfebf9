/** Drained: whether everything that must leave has left, and what holds it up. */
import { no, type Pass, type Said, unknown, yes } from "./condition.ts";
import { hookMessage, PRE_DRAIN_HOOK } from "./deletion-hooks.ts";
import { drainMessage, isRefusal, someOf } from "./drain-messages.ts";
import { STILL_HELD } from "./released-action.ts";

/** Reasons of a release that mean that nothing had to leave any more. */
const EMPTY_REASONS: readonly string[] = ["Drained", "NodeGone", "NodeNotFound", "InstanceGone"];

export function drained(pass: Pass): Said {
  const { view, action } = pass;
  if (action.do === "release" && action.because !== STILL_HELD) return atRelease(pass);
  if (action.do === "finish" && action.phase === "Cancelled") return no(action.because, "the drain was cancelled");
  if (view.status.releaseTime) return undefined;
  if (action.do === "delete-node" || action.do === "finish") return yes(action.because);
  if (action.because === PRE_DRAIN_HOOK) return no(PRE_DRAIN_HOOK, hookMessage("pre-drain", view.hooks?.drain ?? []));
  return unseen(pass) ?? seen(pass);
}

function atRelease({ view, action, waiting }: Pass): Said {
  if (EMPTY_REASONS.includes(action.because)) return yes(action.because);
  if (view.excluded) return no(action.because, `${view.excluded} asks not to be drained`);
  if (view.trouble) return no(action.because, view.trouble.message);
  const left = someOf(waiting.map(({ pod }) => pod));
  return no(action.because, left ? `left to the end of the instance: ${left}` : "");
}

function unseen({ view }: Pass): Said {
  if (view.trouble) return unknown(view.trouble.reason, view.trouble.message);
  if (view.paused !== undefined)
    return no("Paused", `${view.paused} is paused: nothing is evicted until it is resumed`);
  if (view.pods === undefined) return no("NodeNotFound", "waiting for the Node of this instance");
  if (view.spec.drain?.mode === "CordonOnly") return no("CordonOnly", "spec.drain.mode asks for the cordon only");
  return undefined;
}

function seen({ action, result, waiting, startTime }: Pass): Said {
  if (waiting.length === 0)
    return action.because === "SecondLook" ? no("SecondLook", "empty, and looked at once more") : yes("Drained");
  const reason = waiting.find(isRefusal)?.reason ?? result.trouble?.reason ?? "Draining";
  const since = startTime ? ` (started at ${startTime})` : "";
  return no(reason, `Drain not completed yet${since}:\n${drainMessage(waiting)}`);
}
