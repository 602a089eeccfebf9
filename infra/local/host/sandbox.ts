/** The walls of a function's sandbox inside one process: modules, environment, clock, output and network of its own. */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

/** What the code that runs now sees of the world. */
export interface Inside {
  readonly environment: Readonly<Record<string, string>>;
  /** What `new Date()` says. */
  now(): Date;
  /** Standard output and error; whole lines or parts, as written. */
  write(text: string): void;
  /** A request is about to leave; false cuts it. */
  mayCall(request: Pick<ClientRequest, "method" | "path">): boolean;
}

const current = new AsyncLocalStorage<Inside | undefined>();
const MARK = "sandbox";
let built = false;
let count = 0;

/** A sandbox reads its own environment and nothing of the machine's. */
function divideEnvironment() {
  const machine = process.env;
  const seen = () => current.getStore()?.environment ?? machine;
  process.env = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_, key) => Reflect.get(seen(), key),
      has: (_, key) => Reflect.has(seen(), key),
      ownKeys: () => Reflect.ownKeys(seen()),
      set: (_, key, value) => Reflect.set(current.getStore() ? {} : machine, key, value),
      deleteProperty: (_, key) => Reflect.deleteProperty(current.getStore() ? {} : machine, key),
      getOwnPropertyDescriptor: (_, key) => {
        const value: unknown = Reflect.get(seen(), key);
        return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
      },
    },
  );
}

/** A function reads the platform's clock, which is virtual in stories; everybody else goes on with the real one. */
function divideClock() {
  const RealDate = Date;
  // Outside of the sandbox: the platform's clock may be the real one.
  const now = () => {
    const inside = current.getStore();
    return inside ? current.run(undefined, () => inside.now().getTime()) : RealDate.now();
  };
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, as) => Reflect.construct(target, given.length === 0 ? [now()] : given, as),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === "now" ? now : Reflect.get(target, key, receiver)),
  });
}

function divideOutput(stream: NodeJS.WriteStream) {
  const write = stream.write.bind(stream);
  const divided = (...args: Parameters<typeof write>): boolean => {
    const inside = current.getStore();
    if (!inside) return write(...args);
    inside.write(String(args[0]));
    return true;
  };
  Object.assign(stream, { write: divided });
}

/** Files of `functions/` are loaded once per sandbox, since they keep clients; what lies below keeps nothing. */
function divideModules() {
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const mark = context.parentURL ? new URL(context.parentURL).searchParams.get(MARK) : null;
      if (!mark || !resolved.url.includes("/functions/") || resolved.url.includes("node_modules")) return resolved;
      return { ...resolved, url: `${resolved.url}?${MARK}=${mark}` };
    },
  });
}

function build() {
  if (built) return;
  built = true;
  divideEnvironment();
  divideClock();
  divideOutput(process.stdout);
  divideOutput(process.stderr);
  divideModules();
  subscribe("http.client.request.created", (message) => {
    const { request } = message as { readonly request: ClientRequest };
    const inside = current.getStore();
    // Outside of the sandbox: whoever decides may have something to say.
    if (inside && !current.run(undefined, () => inside.mayCall(request)))
      request.destroy(new Error("the sandbox was stopped"));
  });
}

/** Everything that `run` starts sees the world through `inside`. */
export function runInside<T>(inside: Inside, run: () => Promise<T>): Promise<T> {
  build();
  return current.run(inside, run);
}

/** Loads a module anew, as a cold start does. */
export async function loadFresh(file: string): Promise<Readonly<Record<string, unknown>>> {
  build();
  return import(`${pathToFileURL(file).href}?${MARK}=${++count}`);
}
