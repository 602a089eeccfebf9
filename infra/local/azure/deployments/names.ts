/** Names that Azure accepts, per type (Resource naming rules): what is outside of them fails before anything is made. */

const LOWER_ALNUM = /^[a-z0-9]{3,24}$/;
const RULES: Readonly<Record<string, RegExp>> = {
  "microsoft.authorization/roleassignments": /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "microsoft.authorization/roledefinitions": /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "microsoft.eventgrid/systemtopics": /^[A-Za-z0-9-]{3,128}$/,
  "microsoft.eventgrid/systemtopics/eventsubscriptions": /^[A-Za-z0-9-]{3,64}$/,
  "microsoft.insights/components": /^[^%&\\?/]{1,259}[^%&\\?/ .]$/,
  "microsoft.insights/metricalerts": /^[^*#&+:<>?@%{}\\/|]{1,259}[^*#&+:<>?@%{}\\/|. ]$/,
  "microsoft.insights/scheduledqueryrules": /^[^*<>%{}&:\\?/#|]{1,259}[^*<>%{}&:\\?/#|. ]$/,
  "microsoft.managedidentity/userassignedidentities": /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/,
  "microsoft.operationalinsights/workspaces": /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  "microsoft.resources/deployments": /^[\w.()-]{1,64}$/,
  "microsoft.resources/resourcegroups": /^[\w.()-]{0,89}[\w()-]$/,
  "microsoft.servicebus/namespaces": /^[A-Za-z](?!.*-(sb|mgmt)$)[A-Za-z0-9-]{4,48}[A-Za-z0-9]$/,
  "microsoft.servicebus/namespaces/queues": /^[A-Za-z0-9][A-Za-z0-9._/-]{0,259}$/,
  "microsoft.storage/storageaccounts": LOWER_ALNUM,
  "microsoft.storage/storageaccounts/blobservices": /^default$/,
  "microsoft.storage/storageaccounts/blobservices/containers": /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  "microsoft.web/serverfarms": /^[A-Za-z0-9-]{1,60}$/,
  "microsoft.web/sites": /^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/,
  "microsoft.web/sites/basicpublishingcredentialspolicies": /^(scm|ftp)$/,
};

/** @param name  of the resource itself, without its parents' */
export function nameProblem(type: string, name: string): string | undefined {
  const rule = RULES[type.toLowerCase()];
  if (!rule) return `the local Azure cannot deploy ${type}`;
  return rule.test(name) ? undefined : `'${name}' is no valid name of ${type}`;
}
