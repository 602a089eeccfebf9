/** Azure's Node worker: loads a function app's file, learns its functions and triggers, and calls a handler as the host asks. */
import { randomUUID } from "node:crypto";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { loadFresh } from "../sandbox.ts";
import { type Binding, getProgrammingModel, type Registered, registeredBy, type TypedData } from "./functions-core.ts";

/** One trigger's firing, as it goes from the host to the worker. */
export interface Firing {
  readonly data: TypedData;
  readonly metadata: Readonly<Record<string, TypedData>>;
}

export interface LoadedFunction {
  readonly trigger: Binding;
  /** The handler's answer, e.g. an HTTP response. Throws what the handler throws. */
  readonly run: (firing: Firing) => Promise<TypedData | undefined>;
}

let hooked = false;

/** The library asks for this module by name, and finds that of the worker. */
function offerCore(): void {
  if (hooked) return;
  hooked = true;
  const url = new URL("functions-core.ts", import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@azure/functions-core" ? { url, shortCircuit: true } : next(specifier, context),
  });
}

const triggerOf = ({ metadata }: Registered) => {
  const found = Object.entries(metadata.bindings).find(([, { type }]) => type.toLowerCase().endsWith("trigger"));
  if (found) return { name: found[0], binding: found[1] };
  throw new Error(`the function ${metadata.name} has no trigger`);
};

/** Log lines go where a container's go. */
const write = (_level: string, _category: string, message: string) => void process.stdout.write(`${message}\n`);

async function run({ metadata, callback }: Registered, input: string, firing: Firing): Promise<TypedData | undefined> {
  const invocationId = randomUUID();
  const request = {
    invocationId,
    inputData: [{ name: input, data: firing.data }],
    triggerMetadata: firing.metadata,
  };
  const model = getProgrammingModel().getInvocationModel({
    invocationId,
    metadata,
    request,
    state: "invocation",
    log: write,
  });
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, callback);
  return (await model.getResponse(context, result)).returnValue ?? undefined;
}

/**
 * Loads the file anew, as the start of an instance does.
 * @param file "functions/azure/drain-continued.ts"
 * @throws when it registers no function of that name
 */
export async function loadFunction(root: string, file: string, name: string): Promise<LoadedFunction> {
  offerCore();
  const registered = await registeredBy(() => loadFresh(join(root, file)));
  const found = registered.find(({ metadata }) => metadata.name === name);
  if (!found) {
    const names = registered.map(({ metadata }) => metadata.name).join(", ") || "nothing";
    throw new Error(`${file} registers ${names}, but functions.yml says it is "${name}"`);
  }
  const trigger = triggerOf(found);
  return { trigger: trigger.binding, run: (firing) => run(found, trigger.name, firing) };
}
