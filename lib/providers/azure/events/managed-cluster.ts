/** What AKS tells of its own clusters: recognised and counted, since their node pools are drained by AKS itself. */
import { nothing } from "../../event-reading.ts";
import { type Parser, readGridEvent } from "./parser.ts";

const NAME =
  /^microsoft\.(containerservice\.\w+|resourcenotifications\.(containerserviceeventresources|aksresources)\.\w+)$/i;

/** @source "Azure Kubernetes Service (AKS) as an Event Grid source", "Container Service Event Resources events" */
export const parseManagedClusterEvent: Parser = (event) =>
  NAME.test(readGridEvent(event)?.type ?? "") ? nothing("ManagedCluster", "NotOurs") : undefined;
