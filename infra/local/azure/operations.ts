/** Long-running operations: accepted, in progress on the clock, succeeded or failed; each end is told to Event Grid. */
import { ArmError } from "./errors.ts";
import { armTime, type Place, sameName } from "./place.ts";

export interface Operation {
  readonly id: string;
  /** What a role must allow: "Microsoft.Compute/virtualMachineScaleSets/write". */
  readonly action: string;
  /** The resource's id, as the caller spelled it. */
  readonly resource: string;
  readonly caller: string;
  readonly startTime: Date;
  readonly endTime?: Date;
  readonly status: "InProgress" | "Succeeded" | "Failed" | "Canceled";
  readonly error?: { readonly code: string; readonly message: string };
}

/** The next `times` matching operations are accepted and fail when their work should end. */
export interface Doom {
  readonly action: string;
  /** The resource's name; absent: any. */
  readonly name?: string;
  readonly times: number;
  readonly code: string;
  readonly message: string;
}

export type Begin = Pick<Operation, "action" | "resource" | "caller">;

const ENDINGS = { Succeeded: "Success", Failed: "Failure", Canceled: "Cancel", InProgress: "Success" } as const;

const kindOf = (action: string) => {
  if (action.endsWith("/action")) return "ResourceAction";
  return action.endsWith("/delete") ? "ResourceDelete" : "ResourceWrite";
};

export type Operations = ReturnType<typeof createOperations>;

export function createOperations({ clock, ids, grid, subscriptionId, tenantId }: Place) {
  const all = new Map<string, Operation>();
  const listeners = new Set<(operation: Operation) => void>();
  const dooms = new Set<{ readonly doom: Doom; left: number }>();

  const tell = ({ action, resource, caller, status }: Operation) =>
    grid.emit({
      subject: resource,
      eventType: `Microsoft.Resources.${kindOf(action)}${ENDINGS[status]}`,
      dataVersion: "2",
      data: {
        authorization: { scope: resource, action, evidence: { role: "Lifeguard" } },
        claims: { aud: "https://management.azure.com/", appid: caller },
        correlationId: ids.uuid(),
        resourceProvider: action.split("/")[0],
        resourceUri: resource,
        operationName: action,
        status,
        subscriptionId,
        tenantId,
      },
    });
  const end = (id: string, status: Operation["status"], error?: Operation["error"]): void => {
    const old = all.get(id);
    if (old?.status !== "InProgress") return;
    const ended: Operation = { ...old, status, endTime: clock.now(), ...(error && { error }) };
    all.set(id, ended);
    tell(ended);
    for (const listener of listeners) listener(ended);
  };

  return {
    begin: (begin: Begin): Operation => {
      const operation: Operation = { ...begin, id: ids.uuid(), startTime: clock.now(), status: "InProgress" };
      all.set(operation.id, operation);
      return operation;
    },
    succeed: (id: string): void => end(id, "Succeeded"),
    fail: (id: string, error: NonNullable<Operation["error"]>): void => end(id, "Failed", error),
    /** A newer write of the same resource took this one's place. */
    cancel: (id: string): void => end(id, "Canceled"),
    /** For writes that are done at once. */
    tell: (begin: Begin): void => void tell({ ...begin, id: ids.uuid(), startTime: clock.now(), status: "Succeeded" }),
    get: (id: string): Operation => {
      const found = all.get(id);
      if (found) return found;
      throw new ArmError("NotFound", `The entity operation '${id}' was not found.`, 404);
    },
    /** Told how each ended; the answer ends it. */
    onEnd: (listener: (operation: Operation) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Oldest first. */
    list: () => [...all.values()],
    doom: (doom: Doom): void => void dooms.add({ doom, left: doom.times }),
    /** Asked once as an operation begins: why it will fail. */
    takeDoom: ({ action, resource }: Begin): Operation["error"] => {
      const name = resource.split("/").at(-1) ?? "";
      const found = [...dooms].find(
        ({ doom, left }) => left > 0 && sameName(doom.action, action) && sameName(doom.name ?? name, name),
      );
      if (!found) return undefined;
      found.left--;
      return { code: found.doom.code, message: found.doom.message };
    },
  };
}

/** The status document. */
export const statusDocument = ({ id, status, startTime, endTime, error }: Operation) => ({
  startTime: armTime(startTime),
  ...(endTime && { endTime: armTime(endTime) }),
  status,
  ...(error && { error }),
  name: id,
});
