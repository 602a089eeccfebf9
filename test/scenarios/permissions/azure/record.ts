/** Writes down every request of our functions on Azure, to both clusters and to Azure. */
import type { LocalAzureCloud } from "../../../../infra/local/local-azure.ts";
import { OURS, recordKubernetes, type Uses } from "../uses.ts";
import { ACTIONS_OF } from "./rights.ts";

/**
 * Of Azure counts what a role had to allow, whatever came of the call: also what Azure asks for behind a call of another name.
 * Must begin before the functions run.
 */
export function startRecording(cloud: LocalAzureCloud): () => Uses {
  const kubernetes = recordKubernetes(cloud, [...ACTIONS_OF.keys()]);
  const { roles, directory } = cloud.azure.cloud;
  return () => ({
    kubernetes,
    cloud: roles.needed.flatMap(({ who, action }) => {
      const { name = "" } = directory.find(who) ?? {};
      return name.startsWith(OURS) ? [{ function: name.slice(OURS.length), action, code: 200 }] : [];
    }),
  });
}
