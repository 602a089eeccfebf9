/** ARM template expressions, written as code without the brackets, so that they can be put together. */

/** "resourceGroup().id"; never a literal. */
export type Code = string;

export const quoted = (text: string): Code => `'${text.replaceAll("'", "''")}'`;
export const expression = (code: Code): string => `[${code}]`;
/** A literal stays one: text that begins like an expression is escaped. */
export const literal = (text: string): string => (text.startsWith("[") && text.endsWith("]") ? `[${text}` : text);

export const parameter = (name: string): Code => `parameters(${quoted(name)})`;
export const variable = (name: string): Code => `variables(${quoted(name)})`;
export const concat = (...parts: readonly Code[]): Code => `concat(${parts.join(", ")})`;
/** @param names  one per segment of the type, e.g. "Microsoft.Storage/storageAccounts/blobServices" takes two */
export const resourceId = (type: string, ...names: readonly Code[]): Code =>
  `resourceId(${[quoted(type), ...names].join(", ")})`;
/** The same in the deployment's resource group, said from outside of it. */
export const resourceIdInGroup = (type: string, ...names: readonly Code[]): Code =>
  `resourceId(${["subscription().subscriptionId", parameter("resourceGroupName"), quoted(type), ...names].join(", ")})`;
/** A name that is the same for each deployment into this resource group, and another elsewhere. */
export const hash = (...parts: readonly Code[]): Code => `uniqueString(${["resourceGroup().id", ...parts].join(", ")})`;
