/** Of a workload cluster's audit events: the Nodes on which somebody has set a condition that tells of their machine's end. */

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Only what the audit policy keeps of the request is read: every kubelet writes its Node's status all the time, and one
 * that names none of these conditions is no reason to look.
 * @param types of conditions, in the cloud's words
 * @returns     names of Nodes, sorted; a hint to look, since a condition may be taken back
 */
export function announcingNodes(events: readonly unknown[], types: readonly string[]): readonly string[] {
  if (types.length === 0) return [];
  const names = events.flatMap((event) => {
    const name = isRecord(event) ? nodeWritten(event) : undefined;
    return name !== undefined && isRecord(event) && tells(event.requestObject, types) ? name : [];
  });
  return [...new Set(names)].sort();
}

function nodeWritten({ stage, verb, objectRef }: Fields): string | undefined {
  if (stage !== "ResponseComplete" || (verb !== "patch" && verb !== "update") || !isRecord(objectRef)) return undefined;
  const { resource, subresource, apiGroup = "", name } = objectRef;
  const isStatus = resource === "nodes" && apiGroup === "" && subresource === "status";
  return isStatus && typeof name === "string" && NAME.test(name) ? name : undefined;
}

/** A merge patch and a whole Node have their conditions in one place, a JSON patch in its values. */
function tells(body: unknown, types: readonly string[]): boolean {
  const parts = Array.isArray(body)
    ? body.map((operation) => (isRecord(operation) ? operation.value : undefined))
    : [body];
  return parts.some((part) =>
    conditionsIn(part).some((one) => types.includes(String(one.type)) && one.status === "True"),
  );
}

function conditionsIn(part: unknown): readonly Fields[] {
  const { status, conditions = isRecord(status) ? status.conditions : part } = isRecord(part) ? part : {};
  return (Array.isArray(conditions) ? conditions : [conditions]).filter(isRecord);
}
