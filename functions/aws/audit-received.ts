/** The management cluster's audit webhook posts a batch: what somebody changed goes on the queue. */
import { auditEntry } from "./runtime/audit.ts";

export const handler = auditEntry();
