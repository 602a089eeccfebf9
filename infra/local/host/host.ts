/** The function host: our own handlers, unmodified, behind rules, queues, schedules and URLs as they are deployed. */
import { join } from "node:path";
import type { Bus } from "../aws/bus.ts";
import { matchesPattern } from "../aws/event-pattern.ts";
import type { Clock } from "../clock.ts";
import type { Queues } from "../queues.ts";
import type { Authority } from "../tls.ts";
import { invokeLater } from "./async-invocation.ts";
import type { DeployedFunction, Deployment } from "./deployment.ts";
import { every } from "./every.ts";
import { serveUrls } from "./function-url.ts";
import { type Kill, killer } from "./kills.ts";
import { type Handler, hostLambda, type Invocation, type Lambda } from "./lambda.ts";
import { mapQueue } from "./queue-mapping.ts";
import { loadFresh } from "./sandbox.ts";

export interface HostOptions {
  readonly clock: Clock;
  /** The project's root, where the handlers are. */
  readonly root: string;
  readonly deployment: Deployment;
  /** The account's event bus. */
  readonly onEvent: Bus["onEvent"];
  /** Holds the deployment's queues under their own names. */
  readonly queues: Queues;
  readonly queueArn: (queue: string) => string;
  /** What the platform and the deploying shell give each function beside its own variables. */
  readonly environmentOf: (name: string) => Readonly<Record<string, string>>;
  readonly coldStartSeconds: number;
  readonly authority: Authority;
  /** Of its URLs; default: any free one. */
  readonly port?: number;
}

export interface Host {
  /** POST /events takes an EventBridge event, POST /audit an audit EventList. */
  readonly url: string;
  readonly invocations: readonly Invocation[];
  onInvocation(listener: (invocation: Invocation) => void): void;
  /** Delivers an event to every function with a rule for it; how many those are. */
  readonly publish: (event: unknown) => number;
  kill(kill: Kill): void;
  stop(): Promise<void>;
}

const AUDIT_FUNCTION = "audit-received";

async function loadHandler(root: string, { handler }: DeployedFunction): Promise<Handler> {
  const [file, name] = [`${handler.replace(/\.\w+$/, "")}.ts`, handler.split(".").at(-1) ?? ""];
  const found = (await loadFresh(join(root, file)))[name];
  if (typeof found !== "function") throw new Error(`${file} exports no function "${name}", but functions.yml says so`);
  return (event, context) => Promise.resolve(found(event, context));
}

interface Hosted {
  readonly deployed: DeployedFunction;
  readonly lambda: Lambda;
  /** Asynchronous invocation. */
  readonly send: (event: unknown) => void;
}

function hostOne(
  deployed: DeployedFunction,
  options: HostOptions,
  more: Pick<Parameters<typeof hostLambda>[0], "record" | "diesBefore">,
) {
  const { clock, queues } = options;
  const { name, timeoutSeconds, reservedConcurrency, retries, oldestEventSeconds, deadLetterQueue } = deployed;
  const lambda = hostLambda(
    {
      name,
      timeoutSeconds,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
      // Who calls a URL waits for the answer and holds the clock meanwhile: a start that took virtual time would never end.
      coldStartSeconds: deployed.hasUrl ? 0 : options.coldStartSeconds,
      environment: { ...deployed.environment, ...options.environmentOf(name) },
      load: () => loadHandler(options.root, deployed),
      ...more,
    },
    clock,
  );
  const deadLetter = (event: unknown, error: Error) => {
    const body = JSON.stringify({ requestPayload: event, responsePayload: { errorMessage: error.message } });
    if (deadLetterQueue) queues.send(deadLetterQueue, { body });
  };
  const send = (event: unknown) => invokeLater(lambda, event, clock, { retries, oldestEventSeconds, deadLetter });
  return { deployed, lambda, send };
}

/** Schedules and queues; the answers stop them. */
function startSources({ deployed, lambda, send }: Hosted, options: HostOptions): (() => void)[] {
  const schedules = deployed.everySeconds.map((seconds) =>
    every(seconds, options.clock, () =>
      send({
        source: "aws.events",
        "detail-type": "Scheduled Event",
        time: options.clock.now().toISOString(),
        detail: {},
      }),
    ),
  );
  const mappings = deployed.queues.map((mapping) =>
    mapQueue(lambda, { ...mapping, queueArn: options.queueArn(mapping.queue) }, options.queues),
  );
  return [...schedules, ...mappings];
}

export async function startHost(options: HostOptions): Promise<Host> {
  const { clock, deployment, queues } = options;
  const invocations: Invocation[] = [];
  const listeners: ((invocation: Invocation) => void)[] = [];
  const { kill, diesBefore } = killer();
  const record = (invocation: Invocation) => {
    invocations.push(invocation);
    for (const listener of listeners) listener(invocation);
  };
  for (const { name, ...settings } of deployment.queues) queues.create(name, settings);
  const hosted = deployment.functions.map((deployed) => hostOne(deployed, options, { record, diesBefore }));

  const publish = (event: unknown): number => {
    const fields = { ...(event as Readonly<Record<string, unknown>>) };
    const takers = hosted.filter(({ deployed }) =>
      deployed.patterns.some((pattern) => matchesPattern(pattern, fields)),
    );
    for (const { send } of takers) send(event);
    return takers.length;
  };
  const audit = hosted.find(({ deployed }) => deployed.name === AUDIT_FUNCTION && deployed.hasUrl);
  const issued = await options.authority.issue({ commonName: "function-url", hosts: ["localhost", "127.0.0.1"] });
  const functions = new Map(audit ? [["/audit", audit.lambda]] : []);
  const urls = await serveUrls({ functions, publish }, clock, { ...issued, port: options.port ?? 0 });
  const stops = [options.onEvent(publish), ...hosted.flatMap((one) => startSources(one, options))];
  return {
    url: urls.url,
    invocations,
    onInvocation: (listener) => void listeners.push(listener),
    publish,
    kill,
    stop: async () => {
      for (const stop of stops) stop();
      await urls.stop();
    },
  };
}
