/** What kubectl prints: objects as Table rows, and objects reduced to their metadata. */
import { isJson, type Json, jsonOf, listOf, type Stored, textOf, valueAt } from "./object.ts";
import type { Column, ResourceType } from "./resource-types.ts";
import type { WatchEvent } from "./watching.ts";

export type Shape = "object" | "table" | "partial";

const age = (now: Date, value: unknown) => {
  const since = Date.parse(textOf(value));
  if (Number.isNaN(since)) return "<unknown>";
  const seconds = Math.max(0, Math.floor((now.getTime() - since) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 600) return `${Math.floor(seconds / 60)}m${seconds % 60 ? `${seconds % 60}s` : ""}`;
  if (seconds < 3 * 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
};

const condition = (object: Stored, type: string) =>
  listOf(object.status?.conditions).find((item) => item.type === type);

function nodeStatus(node: Stored) {
  const ready = condition(node, "Ready");
  const said = ready?.status === "True" ? "Ready" : ready?.status === "False" || ready ? "NotReady" : "Unknown";
  return node.spec?.unschedulable === true ? `${said},SchedulingDisabled` : said;
}
const nodeRoles = (node: Stored) =>
  Object.keys(node.metadata.labels ?? {})
    .flatMap((label) => (label.startsWith("node-role.kubernetes.io/") ? [label.slice(24)] : []))
    .sort()
    .join(",") || "<none>";

const podReady = (pod: Stored) =>
  `${listOf(pod.status?.containerStatuses).filter(({ ready }) => ready === true).length}/${listOf(pod.spec?.containers).length}`;
const podStatus = (pod: Stored) =>
  pod.metadata.deletionTimestamp ? "Terminating" : textOf(pod.status?.reason) || textOf(pod.status?.phase) || "Unknown";
const podRestarts = (pod: Stored) =>
  listOf(pod.status?.containerStatuses).reduce(
    (sum, { restartCount }) => sum + (typeof restartCount === "number" ? restartCount : 0),
    0,
  );

const shown = (value: unknown, otherwise: string) =>
  typeof value === "string" || typeof value === "number" ? String(value) : otherwise;

type Cell = (object: Stored) => unknown;
interface Printed extends Omit<Column, "jsonPath"> {
  readonly cell: Cell;
}
const column = (name: string, cell: Cell, type = "string", priority = 0): Printed => ({ name, type, cell, priority });
const at = (name: string, path: string, otherwise = "<none>", priority = 0) =>
  column(name, (object) => shown(valueAt(object, path), otherwise), "string", priority);
const NAME: Printed = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
  cell: ({ metadata }) => metadata.name,
};
const created = column("Age", (object) => object.metadata.creationTimestamp, "date");

const EVENT: readonly Printed[] = [
  column("Last Seen", (event) => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp, "date"),
  at("Type", ".type"),
  at("Reason", ".reason"),
  column(
    "Object",
    (event) =>
      `${textOf(valueAt(event, ".involvedObject.kind")).toLowerCase()}/${textOf(valueAt(event, ".involvedObject.name"))}`,
  ),
  at("Message", ".message"),
];

const BUILT_IN: Readonly<Record<string, readonly Printed[]>> = {
  "/nodes": [
    column("Status", nodeStatus),
    column("Roles", nodeRoles),
    created,
    at("Version", ".status.nodeInfo.kubeletVersion", ""),
  ],
  "/pods": [
    column("Ready", podReady),
    column("Status", podStatus),
    column("Restarts", podRestarts, "integer"),
    created,
    at("IP", ".status.podIP", "<none>", 1),
    at("Node", ".spec.nodeName", "<none>", 1),
  ],
  "/namespaces": [at("Status", ".status.phase"), created],
  "policy/poddisruptionbudgets": [
    at("Min Available", ".spec.minAvailable", "N/A"),
    at("Max Unavailable", ".spec.maxUnavailable", "N/A"),
    at("Allowed Disruptions", ".status.disruptionsAllowed", "0"),
    created,
  ],
  "apps/daemonsets": [
    at("Desired", ".status.desiredNumberScheduled", "0"),
    at("Ready", ".status.numberReady", "0"),
    created,
  ],
  "apps/deployments": [
    column(
      "Ready",
      (object) =>
        `${shown(valueAt(object, ".status.readyReplicas"), "0")}/${shown(valueAt(object, ".spec.replicas"), "0")}`,
    ),
    at("Up-to-date", ".status.updatedReplicas", "0"),
    at("Available", ".status.availableReplicas", "0"),
    created,
  ],
  "apps/replicasets": [
    at("Desired", ".spec.replicas", "0"),
    at("Current", ".status.replicas", "0"),
    at("Ready", ".status.readyReplicas", "0"),
    created,
  ],
  "apps/statefulsets": [
    column(
      "Ready",
      (object) =>
        `${shown(valueAt(object, ".status.readyReplicas"), "0")}/${shown(valueAt(object, ".spec.replicas"), "0")}`,
    ),
    created,
  ],
};

function columnsOf(type: ResourceType): readonly Printed[] {
  const custom = type.custom?.columns.map(
    ({ jsonPath, ...rest }): Printed => ({ ...rest, cell: (object) => valueAt(object, jsonPath) ?? null }),
  );
  // The message is what counts of an event, and its name is long (kubernetes pkg/printers/internalversion).
  if (type.bucket === "/events") return [...EVENT, { ...NAME, priority: 1 }];
  return [NAME, ...(custom ?? BUILT_IN[type.bucket] ?? [created])];
}

const partial = (object: Stored): Json => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata: object.metadata,
});

export interface Wanted {
  readonly type: ResourceType;
  readonly now: Date;
  /** Query parameter includeObject: None, Metadata (default) or Object. */
  readonly include: string;
}

function cellsOf(columns: readonly Printed[], now: Date, object: Stored): unknown[] {
  const cells = columns.map(({ type, cell }) => {
    const value = cell(object);
    if (type === "date" && value !== null) return age(now, value);
    return type === "string" && value !== null && typeof value !== "string" ? JSON.stringify(value) : (value ?? null);
  });
  return cells;
}

/** @param headed  in watches only the first event carries the column definitions */
export function tableOf(
  { type, now, include }: Wanted,
  objects: readonly Stored[],
  metadata: unknown,
  headed = true,
): Json {
  const columns = columnsOf(type);
  const definitions = columns.map(({ name: title, type: kind, format = "", description = "", priority = 0 }) => {
    return { name: title, type: kind, format, description, priority };
  });
  const rows = objects.map((object) => ({
    cells: cellsOf(columns, now, object),
    ...(include !== "None" && { object: include === "Object" ? object : partial(object) }),
  }));
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: headed ? definitions : null,
    rows,
  };
}

/** An answer in the shape that the Accept header asked for. */
export function shaped(shape: Shape, wanted: Wanted, body: Json): Json {
  if (shape === "object" || body.kind === "Status" || body.kind === "Scale") return body;
  const items = Array.isArray(body.items) ? (body.items as Stored[]) : undefined;
  if (shape === "table")
    return tableOf(
      wanted,
      items ?? [body as Stored],
      items ? body.metadata : { resourceVersion: jsonOf(body.metadata).resourceVersion },
    );
  if (!items) return partial(body as Stored);
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata: body.metadata,
    items: items.map(partial),
  };
}

/** The same for the events of a watch. */
export function shapedEvents(
  shape: Shape,
  wanted: Omit<Wanted, "now">,
  now: () => Date,
): (event: WatchEvent) => WatchEvent {
  let headed = true;
  return (event) => {
    if (shape === "object" || event.type === "ERROR" || !isJson(event.object)) return event;
    if (shape === "partial") return { ...event, object: partial(event.object as Stored) };
    const rows = event.type === "BOOKMARK" ? [] : [event.object as Stored];
    const { resourceVersion, annotations } = jsonOf(event.object.metadata);
    const table = tableOf(
      { ...wanted, now: now() },
      rows,
      { resourceVersion, ...(annotations !== undefined && { annotations }) },
      headed,
    );
    headed = false;
    return { ...event, object: table };
  };
}
