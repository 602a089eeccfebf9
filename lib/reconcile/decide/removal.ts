/** Removals of our own: the cloud is asked only once the Node is empty, and the hook that speaks then is answered at once. */
import type { InstanceTerminationSpec } from "../../api/lifecycle/instance-termination.ts";
import type { DrainView } from "./drain-view.ts";

/** A Node that shows up so late after its instance was chosen has had no time to get pods. */
const NODE_PATIENCE_SECONDS = 60;
/** The cloud may need a little until it shows what it accepted. */
const SETTLING_SECONDS = 60;

/** Once a hook holds the instance it is on its way already: then the hold is what must be released. */
export const isOwnRemoval = ({ removal, hold }: Pick<InstanceTerminationSpec, "removal" | "hold">): boolean =>
  removal !== undefined && hold === undefined;

/** How long an instance without a Node is waited for: one that we chose ourselves may be booting still. */
export const nodePatienceSeconds = (
  spec: Pick<InstanceTerminationSpec, "removal" | "hold">,
  settings: DrainView["settings"],
): number =>
  isOwnRemoval(spec) ? Math.min(NODE_PATIENCE_SECONDS, settings.nodeNotFoundSeconds) : settings.nodeNotFoundSeconds;

/** The cloud accepted and did nothing: it must be asked again. */
export const removalUnheard = ({ instance, spec }: DrainView, sinceSeconds: number): boolean =>
  instance?.state === "running" && isOwnRemoval(spec) && sinceSeconds >= SETTLING_SECONDS;
