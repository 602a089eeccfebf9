/** The key of a record, as queues carry it. */
import type { Key } from "../api/key.ts";
import { type InstanceTermination, instanceTerminations } from "../api/lifecycle/instance-termination.ts";

export const keyOf = ({ metadata }: InstanceTermination): Key => ({
  kind: instanceTerminations.kind,
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});
