/** The body of a scale set's PUT: the model, its size, its tags, and what new instances begin with. */
import type { VirtualMachineScaleSet, VirtualMachineScaleSetOSProfile } from "@azure/arm-compute";
import type { AzureMachinePoolSpec } from "../../../api/azure/azure-machine-pool.ts";
import { identityInput } from "./identity-wish.ts";
import { makesOthers } from "./latest.ts";
import type { Creation, PoolWish, ScaleSetFacts } from "./sight.ts";
import { sshKeyOf } from "./spec-problems.ts";
import { CUSTOM_DATA_TAG, MODEL_TAG, MODEL_TIME_TAG } from "./tags.ts";

/** Secrets are added when it is sent. */
export interface Parameters {
  readonly body: VirtualMachineScaleSet;
  /** Lines for authorized_keys; empty: one that is thrown away is made. */
  readonly sshKeys: readonly string[];
  readonly isWindows: boolean;
}

const KEY_PATH = "/home/capi/.ssh/authorized_keys";

export function createParameters(wish: PoolWish, spec: AzureMachinePoolSpec, { networkProfile }: Creation): Parameters {
  // Upstream counts "no number" as none.
  const body = bodyOf(wish, spec, wish.replicas ?? 0);
  return {
    ...loginOf(wish, spec, []),
    body: {
      ...body,
      tags: { ...wish.tags, [CUSTOM_DATA_TAG]: wish.customDataHash, [MODEL_TAG]: wish.modelHash },
      virtualMachineProfile: { ...body.virtualMachineProfile, networkProfile },
    },
  };
}

export interface Update {
  readonly set: ScaleSetFacts;
  readonly wish: PoolWish;
  readonly spec: AzureMachinePoolSpec;
  readonly capacity: number;
  readonly now: Date;
}

/** Networks of a set stay as they were made (CAPZ azure/services/scalesets/spec.go): the profile without them. */
export function updateParameters({ set, wish, spec, capacity, now }: Update): Parameters {
  const time = makesOthers(set, wish) ? { [MODEL_TIME_TAG]: now.toISOString() } : {};
  return {
    ...loginOf(wish, spec, set.sshKeys),
    body: {
      ...bodyOf(wish, spec, capacity),
      // Everybody else's stay.
      tags: { ...set.tags, ...wish.tags, [CUSTOM_DATA_TAG]: wish.customDataHash, [MODEL_TAG]: wish.modelHash, ...time },
    },
  };
}

function bodyOf(wish: PoolWish, spec: AzureMachinePoolSpec, capacity: number): VirtualMachineScaleSet {
  const identity = identityInput(spec);
  const { plan, model, size, zones, customData } = wish;
  const { osProfile } = model.virtualMachineProfile ?? {};
  return {
    ...model,
    sku: { name: size, tier: "Standard", capacity },
    ...(zones.length > 0 && { zones: [...zones] }),
    ...(plan && { plan: { name: plan.sku, publisher: plan.publisher, product: plan.offer } }),
    ...(identity && { identity }),
    virtualMachineProfile: { ...model.virtualMachineProfile, osProfile: { ...osProfile, customData } },
  };
}

function loginOf({ isWindows }: PoolWish, { template }: AzureMachinePoolSpec, live: readonly string[]) {
  const own = sshKeyOf(template);
  return { isWindows, sshKeys: own === undefined ? live : [own] };
}

export interface Secrets {
  readonly password: () => string;
  readonly sshKey: () => string;
}

export function withLogin(
  { body, sshKeys, isWindows }: Parameters,
  { password, sshKey }: Secrets,
): VirtualMachineScaleSet {
  const profile = body.virtualMachineProfile ?? {};
  const keys = sshKeys.length > 0 || isWindows ? sshKeys : [sshKey()];
  const login: VirtualMachineScaleSetOSProfile = isWindows
    ? { adminPassword: password() }
    : {
        linuxConfiguration: {
          ...profile.osProfile?.linuxConfiguration,
          ssh: { publicKeys: keys.map((keyData) => ({ path: KEY_PATH, keyData })) },
        },
      };
  return { ...body, virtualMachineProfile: { ...profile, osProfile: { ...profile.osProfile, ...login } } };
}
