/** The rights that a deployment to Azure ships: roles of both clusters, and what each function's identity may do in Azure. */
import { readAzureDeployment } from "../../../../infra/local/host/azure/deployment.ts";
import { AZURE_ROLES, AZURE_WORKLOAD_ROLES, SHARED_ROLES } from "../../../../infra/local/local-azure.ts";
import { ROOT } from "../../../../infra/local/manifests.ts";
import { ON_DATA } from "../../../packaging/azure/permissions.ts";
import { readGrants } from "../grants.ts";

export const GRANTS = readGrants({ management: [SHARED_ROLES, AZURE_ROLES], workload: AZURE_WORKLOAD_ROLES });

/** Function -> actions; rights on data that no function asks for itself (the host does) are not among them. */
export const ACTIONS_OF: ReadonlyMap<string, readonly string[]> = new Map(
  readAzureDeployment({ root: ROOT, environment: {} }).apps.map(({ name, actions, sends }) => [
    name,
    [...actions, ...(sends.length > 0 ? ON_DATA : [])],
  ]),
);
