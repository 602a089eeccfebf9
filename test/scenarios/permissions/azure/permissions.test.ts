/** Azure: every right that a deployment ships is used by some play, and nothing else is asked for. */
import { permissionSuite } from "../suite.ts";
import { playAll } from "./play.ts";
import { KUBERNETES_REASONS, reasonFor } from "./reasons.ts";
import { ACTIONS_OF, GRANTS } from "./rights.ts";

const uses = await playAll();

permissionSuite(
  { cloud: "Azure", grants: GRANTS, actions: ACTIONS_OF, kubernetesReasons: KUBERNETES_REASONS, reasonFor },
  uses,
);
