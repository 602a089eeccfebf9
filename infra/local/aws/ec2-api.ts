/** The EC2 operations on instances. */
import { z } from "zod";
import { type Actions, action, page, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { type Filterable, filters, passes, tagList } from "./ec2-filters.ts";
import { AwsError } from "./errors.ts";
import type { Instance } from "./fleet.ts";

const STATE_CODES = { pending: 0, running: 16, "shutting-down": 32, terminated: 48 } as const;
const stateOf = (state: Instance["state"]) => ({ Code: STATE_CODES[state], Name: state });

const ids = z.array(z.string()).default([]);

const filterable: Filterable<Instance> = {
  fields: {
    "instance-id": (one) => one.id,
    "capacity-reservation-id": (one) => one.capacityReservationId,
    "instance-state-name": (one) => one.state,
    "private-dns-name": (one) => one.privateDnsName,
  },
  tags: (one) => one.tags,
};

const described = (one: Instance) => ({
  InstanceId: one.id,
  ImageId: one.imageId,
  InstanceType: one.instanceType,
  State: stateOf(one.state),
  PrivateDnsName: one.state === "terminated" ? "" : one.privateDnsName,
  PrivateIpAddress: one.state === "terminated" ? undefined : one.privateIp,
  SubnetId: one.subnetId,
  LaunchTime: one.launchTime,
  Placement: { AvailabilityZone: one.zone },
  InstanceLifecycle: one.spot ? "spot" : undefined,
  CapacityReservationId: one.capacityReservationId,
  Tags: tagList(one.tags),
});

export function instanceOperations({ fleet, reading }: ApiSetup): Actions {
  const known = (all: readonly Instance[], id: string): Instance => {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new AwsError("InvalidInstanceID.Malformed", `Invalid id: "${id}"`);
    const found = all.find((one) => one.id === id);
    if (found) return found;
    throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  };

  return {
    DescribeInstances: action(
      z.object({
        InstanceIds: ids,
        Filters: filters,
        MaxResults: whole(5, 1000).default(1000),
        NextToken: z.string().optional(),
      }),
      (input) => {
        const all = fleet.seen(reading.lagSeconds);
        const asked = input.InstanceIds.length > 0 ? input.InstanceIds.map((id) => known(all, id)) : all;
        const found = asked.filter(passes(input.Filters, filterable));
        const { items, ...next } = page(
          found,
          { MaxRecords: input.MaxResults, NextToken: input.NextToken },
          reading.pageSize,
        );
        return { Reservations: items.map((one) => ({ Instances: [described(one)] })), ...next };
      },
    ),
    TerminateInstances: action(z.object({ InstanceIds: z.array(z.string()).min(1) }), (input) => {
      const found = input.InstanceIds.map((id) => known(fleet.all(), id));
      const TerminatingInstances = found.map(({ id, state }) => {
        fleet.terminate(id);
        return {
          InstanceId: id,
          PreviousState: stateOf(state),
          CurrentState: stateOf(fleet.get(id)?.state ?? "terminated"),
        };
      });
      return { TerminatingInstances };
    }),
  };
}
