/** Makes one change: what takes Azure longer is started and not awaited; "already so" and "already gone" are success. */
import { ProviderError } from "../../errors.ts";
import { asAzure } from "../errors.ts";
import type { ScaleSetId } from "../provider-id.ts";
import { assignRole, changeTags, unassignRole } from "./arm-parts.ts";
import type { AzureChange } from "./changes.ts";
import type { AzureClients } from "./clients.ts";
import { type StoredOperation, start } from "./operations.ts";
import { withLogin } from "./parameters.ts";
import { throwawayKey, throwawayPassword } from "./secrets.ts";

export interface Tools {
  readonly id: ScaleSetId;
  readonly clients: AzureClients;
  readonly signal?: AbortSignal | undefined;
}

const WRITE = "Microsoft.Compute/virtualMachineScaleSets/write";
const SECRETS = { password: throwawayPassword, sshKey: throwawayKey };

/** What goes on in Azure afterwards, to be kept for a later pass; `nothing`: it is done. */
export type Begun = StoredOperation | "nothing";

/**
 * @returns undefined where nothing of that kind was asked for
 * @throws  ProviderError
 */
export async function applyChange(change: AzureChange, tools: Tools): Promise<Begun | undefined> {
  if (isOperation(change)) return (await begin(change, tools)) ?? "nothing";
  await carryOut(change, tools);
  return undefined;
}

type Operations = Extract<AzureChange, { do: "CreateScaleSet" | "UpdateScaleSet" | "AskAgain" | "DeleteScaleSet" }>;

const OPERATIONS: readonly string[] = [
  "CreateScaleSet",
  "UpdateScaleSet",
  "AskAgain",
  "DeleteScaleSet",
] satisfies Operations["do"][];
const isOperation = (change: AzureChange): change is Operations => OPERATIONS.includes(change.do);

const optionsOf = ({ signal }: Tools) => (signal ? { abortSignal: signal } : {});

async function begin(change: Operations, tools: Tools): Promise<StoredOperation | undefined> {
  const { id, clients } = tools;
  const { virtualMachineScaleSets: sets } = clients.compute;
  const options = optionsOf(tools);
  switch (change.do) {
    case "CreateScaleSet": {
      const body = withLogin(change.input.parameters, SECRETS);
      const create = () => sets.createOrUpdate(id.resourceGroup, id.name, body, { ...options, ifNoneMatch: "*" });
      return ignoring(isThere, start(WRITE, { type: "PUT", asked: change.input.asked }, create));
    }
    case "UpdateScaleSet": {
      const { parameters, etag, asked } = change.input;
      const body = withLogin(parameters, SECRETS);
      const ifMatch = etag === undefined ? {} : { ifMatch: etag };
      const update = () => sets.createOrUpdate(id.resourceGroup, id.name, body, { ...options, ...ifMatch });
      return start(WRITE, { type: "PUT", asked }, update);
    }
    case "AskAgain":
      return resize(change.input, tools);
    case "DeleteScaleSet": {
      const remove = () => sets.delete(id.resourceGroup, id.name, options);
      const about = { type: "DELETE", asked: "" } as const;
      return ignoring(isGone, start("Microsoft.Compute/virtualMachineScaleSets/delete", about, remove));
    }
  }
}

export interface Size {
  readonly capacity: number;
  readonly size: string;
  readonly asked: string;
}

/** The number alone: the model stays as it is. */
export function resize({ capacity, size, asked }: Size, tools: Tools): Promise<StoredOperation | undefined> {
  const { id, clients } = tools;
  const sku = { name: size, tier: "Standard", capacity };
  return start(WRITE, { type: "PATCH", asked }, () =>
    clients.compute.virtualMachineScaleSets.update(id.resourceGroup, id.name, { sku }, optionsOf(tools)),
  );
}

/** Somebody was faster, or an earlier try took effect and its answer was lost: the next look shows what there is. */
const isThere = ({ kind }: ProviderError): boolean => kind === "conflict";
const isGone = ({ kind }: ProviderError): boolean => kind === "not-found";

async function ignoring<T>(isFine: (error: ProviderError) => boolean, done: Promise<T>): Promise<T | undefined> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof ProviderError && isFine(error)) return undefined;
    throw error;
  }
}

async function carryOut(change: Exclude<AzureChange, Operations>, tools: Tools): Promise<unknown> {
  const { id, clients, signal } = tools;
  const { rest } = clients;
  switch (change.do) {
    case "TagScaleSet":
      return changeTags(rest, id, { operation: "Merge", tags: change.input.tags }, signal);
    case "UntagScaleSet":
      return changeTags(rest, id, { operation: "Delete", tags: change.input.tags }, signal);
    case "AssignRole":
      return assignRole(rest, change.input.role, change.input.principalId, signal);
    case "UnassignRole":
      return unassignRole(rest, change.input.role, signal);
    case "ProtectInstances":
      return Promise.all(change.input.numbers.map((number) => protect(number, change.input.location, tools)));
  }
}

/** Started, not awaited: the next look shows it. One that has gone meanwhile needs none. */
async function protect(number: string, location: string, tools: Tools): Promise<void> {
  const { id, clients } = tools;
  const body = { location, protectionPolicy: { protectFromScaleIn: true } };
  const done = asAzure("Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write", async () => {
    const machines = clients.compute.virtualMachineScaleSetVMs;
    const poller = machines.update(id.resourceGroup, id.name, number, body, optionsOf(tools));
    await poller.submitted();
  });
  await ignoring(isGone, done);
}
