/** The management cluster's audit webhook posts a batch: what somebody changed goes on the queue. */
import { app } from "@azure/functions";
import { auditEntry } from "./runtime/audit.ts";

export const handler = auditEntry();

/** Whoever calls shows a bearer token of ours; a key of the host's would stand in the URL. */
app.http("audit-received", { methods: ["POST"], route: "audit/{*rest}", authLevel: "anonymous", handler });
