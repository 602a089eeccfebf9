/** The function host of Azure: our own function apps, unmodified, behind Event Grid, Service Bus, timers and routes. */
import { z } from "zod";
import type { AzureCloud } from "../../azure/cloud.ts";
import type { GridEvent } from "../../azure/event-grid.ts";
import type { Clock } from "../../clock.ts";
import type { Host } from "../host.ts";
import { killer } from "../kills.ts";
import { hostLambda, type Invocation, type Lambda } from "../lambda.ts";
import { runInside } from "../sandbox.ts";
import type { AzureDeployment, DeployedApp } from "./deployment.ts";
import { type DeadLetter, subscribe } from "./event-subscription.ts";
import type { Binding } from "./functions-core.ts";
import type { FunctionDoor, Routed } from "./http-trigger.ts";
import { deliverEvent, receiveMessages, runTimer } from "./triggers.ts";
import { type Firing, loadFunction } from "./worker.ts";

export interface AzureHostOptions {
  readonly clock: Clock;
  /** The project's root, where the handlers are. */
  readonly root: string;
  readonly deployment: AzureDeployment;
  readonly cloud: AzureCloud;
  /** What the platform gives each app beside its own variables: identity, endpoints, resolved secrets. */
  readonly environmentOf: (app: DeployedApp) => Readonly<Record<string, string>>;
  /** Parameters of the template that switch event subscriptions on. */
  readonly switches: Readonly<Record<string, boolean>>;
  readonly coldStartSeconds: number;
  /** Where requests come in; closed with the host. */
  readonly door: FunctionDoor;
}

export interface AzureHost extends Host {
  /** What Event Grid could not deliver. */
  readonly deadLetters: readonly DeadLetter[];
}

/** Of Flex Consumption, unless host.json says otherwise; a hung invocation ends in real time, so it is shorter here. */
const TIMEOUT_SECONDS = 60;
/** What one instance of an app works on at the same time. */
const PER_INSTANCE = 16;

interface HostedApp {
  readonly app: DeployedApp;
  readonly trigger: Binding;
  readonly lambda: Lambda;
}

const httpTrigger = z.object({
  type: z.literal("httpTrigger"),
  route: z.string().optional(),
  methods: z.array(z.string()).default(["GET", "POST"]),
});
const busTrigger = z.object({ type: z.literal("serviceBusTrigger"), queueName: z.string() });
const timerTrigger = z.object({ type: z.literal("timerTrigger"), schedule: z.string() });

type Watching = Pick<Parameters<typeof hostLambda>[0], "record" | "diesBefore">;

async function hostApp(app: DeployedApp, options: AzureHostOptions, watching: Watching): Promise<HostedApp> {
  const { clock, root } = options;
  const environment = { ...app.environment, ...options.environmentOf(app) };
  const load = () => loadFunction(root, app.file, app.name);
  // As the host does at its start: it asks the app which functions it has.
  const inside = { environment, now: () => clock.now(), write: () => {}, mayCall: () => true };
  const { trigger } = await runInside(inside, load);
  const isHttp = trigger.type === "httpTrigger";
  const lambda = hostLambda(
    {
      name: app.name,
      timeoutSeconds: TIMEOUT_SECONDS,
      invocationsPerSandbox: PER_INSTANCE,
      // Who calls a route waits for the answer and holds the clock meanwhile: a start that took virtual time would never end.
      coldStartSeconds: isHttp ? 0 : options.coldStartSeconds,
      environment,
      load: async () => {
        const { run } = await load();
        return (event) => run(event as Firing);
      },
      ...watching,
    },
    clock,
  );
  return { app, trigger, lambda };
}

/** Queues and timers; the answers stop them. @throws when a trigger and the deployment do not agree on the queue */
function startSources({ app, trigger, lambda }: HostedApp, { clock, cloud }: AzureHostOptions): (() => void)[] {
  const queued = busTrigger.safeParse(trigger).data;
  if (queued && !app.queues.includes(queued.queueName)) {
    throw new Error(`${app.name} takes from ${queued.queueName}, of which events.yml says nothing`);
  }
  const timed = timerTrigger.safeParse(trigger).data;
  return [
    ...(queued ? [receiveMessages(lambda, queued.queueName, cloud.bus.queues)] : []),
    ...(timed ? [runTimer(lambda, timed.schedule, clock)] : []),
  ];
}

function routesOf(hosted: readonly HostedApp[]): readonly Routed[] {
  return hosted.flatMap(({ app, trigger, lambda }) => {
    const http = httpTrigger.safeParse(trigger).data;
    return http
      ? [{ route: http.route ?? app.name, methods: http.methods.map((one) => one.toUpperCase()), lambda }]
      : [];
  });
}

function subscribeAll(hosted: readonly HostedApp[], options: AzureHostOptions, deadLetters: DeadLetter[]) {
  return hosted.flatMap(({ app, lambda }) =>
    app.subscriptions
      .filter(({ when }) => when === undefined || options.switches[when])
      .map((wants) =>
        subscribe(options.clock, {
          name: app.name,
          wants,
          deliver: (event) => deliverEvent(lambda, event),
          deadLetter: (letter) => void deadLetters.push(letter),
        }),
      ),
  );
}

export async function startAzureHost(options: AzureHostOptions): Promise<AzureHost> {
  const { deployment, cloud, door } = options;
  const invocations: Invocation[] = [];
  const listeners: ((invocation: Invocation) => void)[] = [];
  const deadLetters: DeadLetter[] = [];
  const { kill, diesBefore } = killer();
  const record = (invocation: Invocation) => {
    invocations.push(invocation);
    for (const listener of listeners) listener(invocation);
  };
  for (const { name, ...draft } of deployment.queues) cloud.bus.create(name, draft);
  const hosted: HostedApp[] = [];
  for (const app of deployment.apps) hosted.push(await hostApp(app, options, { record, diesBefore }));

  const subscriptions = subscribeAll(hosted, options, deadLetters);
  const publish = (event: unknown): number => subscriptions.filter((take) => take(event as GridEvent)).length;
  door.lead({ routes: routesOf(hosted), publish });
  const stops = [cloud.onEvent(publish), ...hosted.flatMap((one) => startSources(one, options))];
  return {
    url: door.url,
    invocations,
    deadLetters,
    onInvocation: (listener) => void listeners.push(listener),
    publish,
    kill,
    stop: async () => {
      for (const stop of stops) stop();
      await door.close();
    },
  };
}
