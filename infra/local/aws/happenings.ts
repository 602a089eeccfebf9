/** What befalls instances without anybody's call: Spot interruptions, rebalance recommendations, announced maintenance. */
import type { EventDraft } from "./bus.ts";
import { AwsError } from "./errors.ts";
import type { Fleet, Instance, Place } from "./fleet.ts";
import type { Scaling } from "./scaling.ts";

const SPOT_NOTICE_SECONDS = 120;
const RETIREMENT = "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED";
const MAINTENANCE_MILLISECONDS = 7_200_000;

export function createHappenings(place: Place, fleet: Fleet, scaling: Scaling) {
  const { clock, bus } = place;
  const known = (id: string): Instance => {
    const found = fleet.get(id);
    if (found) return found;
    throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  };

  return {
    /** The two-minute warning now; two minutes later the instance is gone, hook or no hook. */
    interruptSpot: (id: string): void => {
      const instance = known(id);
      bus.emit(spotEvent(instance, "EC2 Spot Instance Interruption Warning", { "instance-action": "terminate" }));
      clock.after(SPOT_NOTICE_SECONDS, () => fleet.terminate(id));
      scaling.risk(instance, true);
    },
    recommendRebalance: (id: string): void => {
      const instance = known(id);
      bus.emit(spotEvent(instance, "EC2 Instance Rebalance Recommendation", {}));
      scaling.risk(instance, false);
    },
    /** As the EC2 API does it: no hook is waited for. */
    terminateInstance: (id: string): void => fleet.terminate(known(id).id),
    /** AWS Health announces that the hosts of these instances are retired; they are stopped at the start time. */
    scheduleMaintenance: (instanceIds: readonly string[], startTime: Date): void => {
      const ids = instanceIds.map((id) => known(id).id);
      bus.emit(retirementEvent(place, ids, startTime));
      for (const id of ids) {
        clock.after((startTime.getTime() - clock.now().getTime()) / 1000, () => fleet.terminate(id));
      }
    },
  };
}

/** The ARN is odd, with the zone for a region and no account, but so it is. */
const spotEvent = ({ id, zone }: Instance, detailType: string, more: object): EventDraft => ({
  source: "aws.ec2",
  detailType,
  resources: [`arn:aws:ec2:${zone}:instance/${id}`],
  detail: { "instance-id": id, ...more },
});

function retirementEvent(
  { clock, region, accountId, ids }: Place,
  instanceIds: readonly string[],
  startTime: Date,
): EventDraft {
  const lastUpdatedTime = clock.now().toUTCString();
  return {
    source: "aws.health",
    detailType: "AWS Health Event",
    resources: instanceIds,
    detail: {
      eventArn: `arn:aws:health:${region}::event/EC2/${RETIREMENT}/${RETIREMENT}_${ids.hex(8)}`,
      service: "EC2",
      eventTypeCode: RETIREMENT,
      eventTypeCategory: "scheduledChange",
      eventScopeCode: "ACCOUNT_SPECIFIC",
      communicationId: ids.hex(32),
      startTime: startTime.toUTCString(),
      endTime: new Date(startTime.getTime() + MAINTENANCE_MILLISECONDS).toUTCString(),
      lastUpdatedTime,
      statusCode: "upcoming",
      eventRegion: region,
      eventDescription: [{ language: "en_US", latestDescription: "The host of this instance will be retired." }],
      affectedEntities: instanceIds.map((entityValue) => ({
        entityValue,
        status: "IMPAIRED",
        lastUpdatedTime,
        tags: {},
      })),
      affectedAccount: accountId,
      page: "1",
      totalPages: "1",
    },
  };
}
