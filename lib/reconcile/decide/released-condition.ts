/** Released: whether the cloud has been told, and whether it keeps its side. */
import { no, type Pass, type Said, yes } from "./condition.ts";
import { hookMessage, PRE_TERMINATE_HOOK } from "./deletion-hooks.ts";
import { someOf } from "./drain-messages.ts";
import type { DrainView } from "./drain-view.ts";
import { STILL_HELD } from "./released-action.ts";
import { isOwnRemoval } from "./removal.ts";

export function released(pass: Pass): Said {
  const { view, action } = pass;
  if (view.instance?.state === "retained") return retained(view.instance);
  if (view.heartbeatTrouble) return no(view.heartbeatTrouble.reason, view.heartbeatTrouble.message);
  if (action.do === "finish" || action.do === "delete-node") return atEnd(pass);
  if (action.do === "release") return atRelease(pass);
  if (action.because === PRE_TERMINATE_HOOK)
    return no(PRE_TERMINATE_HOOK, hookMessage("pre-terminate", view.hooks?.terminate ?? []));
  return view.status.releaseTime ? undefined : waiting(view);
}

const retained = ({ cloudState, advice }: { readonly cloudState: string; readonly advice?: string }): Said =>
  no("InstanceRetained", `the cloud keeps the instance (${cloudState})${advice ? `: ${advice}` : ""}`);

function atEnd({ view, action, result }: Pass): Said {
  if (result.trouble) return no(result.trouble.reason, result.trouble.message);
  if (action.do !== "finish" || action.phase !== "Cancelled") return yes(action.because, "the instance is gone");
  const said = view.instance
    ? `the instance is in service (${view.instance.cloudState})`
    : "the Node may be used again";
  return no(action.because, said);
}

function atRelease({ view: { hold, spec }, action, result }: Pass): Said {
  if (result.trouble) return no(result.trouble.reason, result.trouble.message);
  if (isOwnRemoval(spec)) return yes(action.because, "the cloud was asked to take the instance out");
  if (!hold) return yes("NothingHeld", `${action.because}: nothing has to be told to the cloud`);
  const names = hold.names.join(", ");
  if (result.heldFor) return no("SharedHold", `${names} also holds what is not drained yet: ${someOf(result.heldFor)}`);
  if (action.because === STILL_HELD) return no(STILL_HELD, `the cloud still holds the instance; told again: ${names}`);
  return yes(action.because, result.release === "not-held" ? `${names} was over already` : names);
}

const waiting = ({ hold }: DrainView): Said => (hold ? no("Held", hold.names.join(", ")) : no("NothingHeld"));
