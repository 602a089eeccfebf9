/** Preloaded into a child process: every connection and every name lookup but loopback ends it with a clear message. */
import dns from "node:dns";
import net from "node:net";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

function refuse(target: string): never {
  process.stderr.write(`no-network: packaging tried to reach ${target}\n`);
  process.exit(86);
}

/** net.connect() hands its arguments on as one normalised array; a path is a local socket. */
function hostIn(given: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  if (typeof first === "number") return typeof second === "string" ? second : undefined;
  const host: unknown = typeof first === "object" && first !== null ? Reflect.get(first, "host") : undefined;
  return typeof host === "string" ? host : undefined;
}

const connect: unknown = Reflect.get(net.Socket.prototype, "connect");
if (typeof connect !== "function") throw new Error("net.Socket has no connect to guard");
Reflect.set(net.Socket.prototype, "connect", function guarded(this: net.Socket, ...given: readonly unknown[]): unknown {
  const host = hostIn(given);
  if (host !== undefined && !LOOPBACK.test(host)) refuse(host);
  return Reflect.apply(connect, this, given);
});

const lookup = dns.lookup;
Object.assign(dns, {
  lookup: (host: string, ...rest: unknown[]) =>
    LOOPBACK.test(host) ? Reflect.apply(lookup, dns, [host, ...rest]) : refuse(host),
});
