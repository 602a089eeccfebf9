/** What our functions ask of Azure: acknowledgements of what is drained, once, and nothing that is not ours. */
import type { ScheduledEvent } from "../../../infra/local/azure/scheduled-events.ts";
import { azureOf, type CloudRequest, type Input } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import { POOL } from "../scene.ts";
import type { Desk, Requests } from "./aws-requests.ts";
import { azureClaims } from "./azure-claims.ts";
import { azurePoolAsked } from "./azure-pool.ts";
import { recordOf } from "./court.ts";
import { toleranceMilliseconds } from "./deadlines.ts";
import { released } from "./hold-promises.ts";
import type { PoolCourt } from "./pool-cloud.ts";
import { knewOf } from "./repeat-promises.ts";

const ACKNOWLEDGE = "Microsoft.Maintenance/scheduledevents/acknowledge/action";
/** Nobody believes for longer that what Resource Graph shows is late. */
const GRAPH_SURE_MILLISECONDS = 120_000;
const OURS = new RegExp(`/(virtualMachineScaleSets/${POOL}(/|$)|virtualMachines/${POOL}_)`, "i");

export function azureRequests({ court, ownsPool, contradictions, count }: Desk): Requests {
  const agreed = new Map<string, Pass>();
  /** Event -> when it no longer waited. */
  const begunAt = new Map<string, number>();
  azureOf(court.scene).cloud.scheduledEvents.onTurn(({ id, status }) => {
    if (status !== "Scheduled" && !begunAt.has(id)) begunAt.set(id, court.scene.time.now());
  });
  const desk = { court, count, takers: new Map<string, Pass>() };
  return {
    asked: (pass, request) => {
      const { action, input, isDone } = request;
      if (court.scene.cloud.isRead(action)) return;
      if (!OURS.test(`${input.path as string}`)) {
        court.broken("P6", "something that is not ours is written to", `${action} ${input.path as string}`);
        return;
      }
      if (isDone) contradictions.cloudDid(pass, azureClaims(action, input));
      if (action !== ACKNOWLEDGE) {
        if (ownsPool) azurePoolAsked(desk, pass, request);
        else court.broken("P6", "a group that others keep is written to", `${action} ${input.about as string}`);
        return;
      }
      const event = input.event as ScheduledEvent | undefined;
      if (event) acknowledged({ court, agreed, begunAt }, pass, { event, request });
      if (isDone) count("hold released");
    },
  };
}

interface Agreement {
  readonly event: ScheduledEvent;
  readonly request: CloudRequest;
}

const namesOf = (event: ScheduledEvent | undefined): readonly string[] =>
  event?.resources.map((name) => name.toLowerCase()) ?? [];
const runningIn = ({ running }: Input): readonly string[] => (Array.isArray(running) ? running.map(String) : []);

interface Book {
  readonly court: PoolCourt;
  /** Event and record -> the pass that agreed last. */
  readonly agreed: Map<string, Pass>;
  readonly begunAt: ReadonlyMap<string, number>;
}

/** One word lets all machines of an event go. */
function acknowledged(
  { court, agreed, begunAt }: Book,
  pass: Pass,
  { event, request: { input, isDone } }: Agreement,
): void {
  // A record cannot know that another of the same event was quicker until the cloud shows it.
  const record = recordOf(court.scene, pass);
  const name = `${event.id} of ${record?.metadata.uid}`;
  const before = agreed.get(name);
  // Resource Graph shows it waiting for as long as it lags behind; what truly waits still may be agreed to again.
  const tolerance = toleranceMilliseconds(court.scene);
  const lag = azureOf(court.scene).plan.timing.graphLagSeconds * 1000 + tolerance;
  const isShown = pass.startedAt > (begunAt.get(event.id) ?? Number.POSITIVE_INFINITY) + lag;
  const isKnown = before !== undefined && knewOf(pass, before, "released");
  if (isKnown && isShown && !isDone) court.broken("P1", "an event is acknowledged twice", name);
  // A record remembers when it let go first.
  const releasedAt = Date.parse(record?.status?.releaseTime ?? "");
  if (isKnown && court.scene.time.now() < releasedAt + GRAPH_SURE_MILLISECONDS - tolerance)
    court.broken("P5", "an event is acknowledged again before Azure can have shown what the first time did", name);
  if (!isDone) return;
  agreed.set(name, pass);
  const running = runningIn(input);
  for (const instanceId of namesOf(event)) {
    released(court, pass, { instanceId, hook: event.id }, running.includes(instanceId));
    if (event.type === "Terminate") maintainsNothing(court, instanceId);
  }
}

/** What was planned for a machine besides its end needs no answer any more. */
function maintainsNothing({ hooks }: PoolCourt, instanceId: string): void {
  for (const wait of hooks.all()) if (wait.instanceId === instanceId) wait.isReleased = true;
}
