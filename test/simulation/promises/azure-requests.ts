/** What our functions ask of Azure: acknowledgements of what is drained, once, and nothing that is not ours. */
import type { ScheduledEvent } from "../../../infra/local/azure/scheduled-events.ts";
import type { CloudRequest, Input } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import { POOL } from "../scene.ts";
import type { Desk, Requests } from "./aws-requests.ts";
import { azurePoolAsked } from "./azure-pool.ts";
import { instanceOf, recordOf } from "./court.ts";
import { toleranceMilliseconds } from "./deadlines.ts";
import { released } from "./hold-promises.ts";
import type { PoolCourt } from "./pool-cloud.ts";

const GRAPH_SURE_SECONDS = 120;
const ACKNOWLEDGE = "Microsoft.Maintenance/scheduledevents/acknowledge/action";
const OURS = new RegExp(`/(virtualMachineScaleSets/${POOL}(/|$)|virtualMachines/${POOL}_)`, "i");

export function azureRequests({ court, ownsPool, repeats, count }: Desk): Requests {
  const agreed = new Map<string, Pass>();
  const desk = { court, count, takers: new Map<string, Pass>() };
  return {
    hear: () => {},
    asked: (pass, request) => {
      const { action, input, isDone } = request;
      if (court.scene.cloud.isRead(action)) return;
      if (!OURS.test(`${input.path as string}`)) {
        court.broken("P6", "something that is not ours is written to", `${action} ${input.path as string}`);
        return;
      }
      if (action !== ACKNOWLEDGE) {
        if (ownsPool) azurePoolAsked(desk, pass, request);
        else court.broken("P6", "a group that others keep is written to", `${action} ${input.about as string}`);
        return;
      }
      const event = input.event as ScheduledEvent | undefined;
      if (event) acknowledged({ court, agreed }, pass, { event, request });
      const record = recordOf(court.scene, pass);
      if (record) repeats.releaseAsked(pass, instanceOf(record), isDone);
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
export const runningIn = ({ running }: Input): readonly string[] => (Array.isArray(running) ? running.map(String) : []);

/** One word lets all machines of an event go. */
function acknowledged(
  { court, agreed }: { readonly court: PoolCourt; readonly agreed: Map<string, Pass> },
  pass: Pass,
  { event, request: { input, isDone } }: Agreement,
): void {
  // A record cannot know that another of the same event was quicker until the cloud shows it.
  const uid = recordOf(court.scene, pass)?.metadata.uid;
  const name = `${event.id} of ${uid}`;
  const before = agreed.get(name);
  const knew = before && !before.hurt && before.did === "released" && (before.endedAt ?? Infinity) <= pass.startedAt;
  // An event that waits for others of its operation is agreed to once more when Resource Graph can no longer be late.
  const lateUntil = (before?.endedAt ?? 0) + GRAPH_SURE_SECONDS * 1000 - toleranceMilliseconds(court.scene);
  // A record remembers its first release: of a later event's it learns when Resource Graph shows it.
  const isFirst = [...agreed.keys()].filter((one) => one.endsWith(` of ${uid}`)).length < 2;
  if (knew && isFirst && before !== pass && court.scene.time.now() < lateUntil)
    court.broken("P1", "an event is acknowledged twice", name);
  if (!isDone) return;
  agreed.set(name, pass);
  const running = runningIn(input);
  for (const instanceId of namesOf(event))
    released(court, pass, { instanceId, hook: event.id }, running.includes(instanceId));
}
