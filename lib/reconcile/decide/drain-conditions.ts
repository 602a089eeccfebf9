/** The conditions of an InstanceTermination: each a pure function of what was seen, done and answered. */
import { no, type Pass, type Said, type SaidCondition, yes } from "./condition.ts";
import { someOf } from "./drain-messages.ts";
import { drained } from "./drained-condition.ts";
import { isCordoned } from "./node-marks.ts";
import { released } from "./released-condition.ts";

function cordoned({ view, action, result }: Pass): Said {
  if (action.do === "finish" && action.uncordon) return no(action.because, "the Node may be used again");
  if (result.trouble && action.do === "cordon") return no(result.trouble.reason, result.trouble.message);
  const { node } = view;
  if (node.seen === "gone") return no("NodeGone", "the Node is no more, or another one has its name");
  if (node.seen === "missing") return no("NodeNotFound", `no Node has the providerID ${view.spec.providerID}`);
  if (node.seen !== "found") return undefined;
  const by = node.node.taint === "found-cordoned" ? "FoundCordoned" : "Cordoned";
  if (result.cordoned || isCordoned(node)) return yes(by, `Node ${node.node.name}`);
  return no(view.excluded ? "ExcludedFromDraining" : "NotCordoned", `Node ${node.node.name}`);
}

function volumes({ view, action }: Pass): Said {
  if (view.attachedClaims === undefined) return undefined;
  if (view.attachedClaims.length === 0) return yes("Detached");
  const claims = `PersistentVolumeClaims: ${someOf(view.attachedClaims)}`;
  return no(action.do === "wait" ? "VolumesAttached" : "GaveUpWaiting", `still attached to the Node: ${claims}`);
}

const twins = ({ view: { node } }: Pass): Said =>
  node.seen === "found" && node.node.twins.length > 0
    ? no("SeveralNodes", `Nodes ${someOf(node.node.twins)} claim the same providerID; ${node.node.name} is drained`)
    : undefined;

const declared = ({ view: { hold } }: Pass): Said =>
  hold?.warning ? no(hold.warning.reason, hold.warning.message) : undefined;

/** `lasting`: what was said stays when a pass has nothing to say about it; the others disappear. */
const CONDITIONS: readonly { type: string; say: (pass: Pass) => Said; lasting: boolean }[] = [
  { type: "Cordoned", say: cordoned, lasting: true },
  { type: "Drained", say: drained, lasting: true },
  { type: "VolumesDetached", say: volumes, lasting: true },
  { type: "Released", say: released, lasting: true },
  { type: "NodeUnique", say: twins, lasting: true },
  { type: "HoldDeclared", say: declared, lasting: false },
];

/** What this pass says; `kept` are types whose earlier word stands. */
export function drainConditions(pass: Pass): {
  readonly said: readonly SaidCondition[];
  readonly kept: readonly string[];
} {
  const said = CONDITIONS.flatMap(({ type, say }) => {
    const condition = say(pass);
    return condition ? [{ type, ...condition, observedGeneration: pass.view.generation }] : [];
  });
  const types = new Set(said.map(({ type }) => type));
  return { said, kept: CONDITIONS.filter(({ type, lasting }) => lasting && !types.has(type)).map(({ type }) => type) };
}
