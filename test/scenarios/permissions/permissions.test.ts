/** AWS: every right that a deployment ships is used by some play, and nothing else is asked for. */
import { MANAGEMENT_ROLES, WORKLOAD_ROLES } from "../../../infra/local/local-cloud.ts";
import { readGrants } from "./grants.ts";
import { IAM } from "./iam.ts";
import { playAll } from "./play.ts";
import { KUBERNETES_REASONS, reasonFor } from "./reasons.ts";
import { permissionSuite } from "./suite.ts";

const uses = await playAll();

permissionSuite(
  {
    cloud: "AWS",
    grants: readGrants({ management: MANAGEMENT_ROLES, workload: WORKLOAD_ROLES }),
    actions: IAM,
    kubernetesReasons: KUBERNETES_REASONS,
    reasonFor,
  },
  uses,
);
