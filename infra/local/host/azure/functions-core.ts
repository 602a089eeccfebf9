/**
 * The module "@azure/functions-core" that Azure's Node worker gives every function app: through it `app.http` and its like
 * say what there is, and the library turns the host's messages into a handler's arguments. Without it the library believes
 * itself in a test and registers nothing.
 * @source azure-functions-nodejs-worker: types-core/index.d.ts
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** A value on its way between host and worker; one member is set. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: HttpData;
}

export interface HttpData {
  readonly url?: string;
  readonly method?: string;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: TypedData | null;
}

export interface Binding extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly direction: "in" | "out";
}

export interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export type Callback = (...inputs: readonly unknown[]) => unknown;

/** What a handler is called with, and what becomes of its answer. */
export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: readonly unknown[] }>;
  invokeFunction(context: unknown, inputs: readonly unknown[], handler: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ readonly returnValue?: TypedData | null }>;
}

export interface ProgrammingModel {
  getInvocationModel(context: {
    readonly invocationId: string;
    readonly metadata: Metadata;
    readonly request: unknown;
    readonly state: "invocation";
    readonly log: (level: string, category: string, message: string) => void;
  }): InvocationModel;
}

export interface Registered {
  readonly metadata: Metadata;
  readonly callback: Callback;
}

const registering = new AsyncLocalStorage<Registered[]>();
let model: ProgrammingModel | undefined;

export const version = "3.10.0";
export const hostVersion = "4.1040.0";

/** @returns takes the function away again, which nobody does */
export function registerFunction(metadata: Metadata, callback: Callback): { dispose(): void } {
  registering.getStore()?.push({ metadata, callback });
  return { dispose: () => {} };
}

export function registerHook(name: string): never {
  throw new Error(`the local host plays no hooks, so nothing would call "${name}"`);
}

export function setProgrammingModel(given: ProgrammingModel): void {
  model = given;
}

export function getProgrammingModel(): ProgrammingModel {
  if (model) return model;
  throw new Error("no file of this function app has used @azure/functions yet");
}

/** Of the library itself. */
export function log(): void {}

/** Everything that `load` registers. */
export async function registeredBy(load: () => Promise<unknown>): Promise<readonly Registered[]> {
  const found: Registered[] = [];
  await registering.run(found, load);
  return found;
}
