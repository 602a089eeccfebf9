/** A pool of cluster "blue" in the local AWS, driven through its provider and the official SDKs, one change at a time. */
import { Agent } from "node:https";
import type { TestContext } from "node:test";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { startAws } from "../../../../infra/local/aws/server.ts";
import { createAuthority } from "../../../../infra/local/tls.ts";
import type { AwsMachinePool } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import type { ClientAccess, PoolClients } from "../../../../lib/providers/aws/pool/clients.ts";
import { awsPoolProvider } from "../../../../lib/providers/aws/pool/index.ts";
import type { PoolRequest, PoolSession, PoolSight } from "../../../../lib/providers/pool-provider.ts";
import { manualClock } from "../../../support/manual-clock.ts";
import { anInfrastructure, aPoolRequest, type Overrides, POOL } from "./objects.ts";

const authority = createAuthority();
const MOST_CHANGES = 40;
const DRAIN_STEP_SECONDS = 5;

export type PoolRig = Awaited<ReturnType<typeof startPoolRig>>;

export async function startPoolRig(context: TestContext) {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const timing = { bootSeconds: 2, shutdownSeconds: 2, healthCheckSeconds: 5 };
  const aws = await startAws({ clock, authority: await authority, timing });
  const httpsAgent = new Agent({ ca: aws.caPem, keepAlive: true });
  const made: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    made.push(client);
    return client;
  };
  /** As functions/aws would: the function's own credentials unless an identity brings some. */
  const makeClients = ({ region, credentials }: ClientAccess): PoolClients => {
    const options = {
      endpoint: aws.endpoint,
      region: region ?? aws.cloud.region,
      credentials: credentials ?? { accessKeyId: "AKIAOWN", secretAccessKey: "own" },
      requestHandler: { httpsAgent },
      maxAttempts: 1,
    };
    return {
      autoScaling: async () => keep(new AutoScalingClient(options)),
      ec2: async () => keep(new EC2Client(options)),
      s3: async () => keep(new S3Client(options)),
      ssm: async () => keep(new SSMClient(options)),
      sts: async () => keep(new STSClient(options)),
    };
  };
  context.after(async () => {
    for (const client of made) client.destroy();
    httpsAgent.destroy();
    await aws.close();
  });
  const objects = new Map<string, KubernetesObject>();
  const put = <T extends KubernetesObject>(kind: string, object: T) => {
    const { namespace = "", name } = object.metadata;
    objects.set(`${kind}/${namespace}/${name}`, object);
  };
  put("AWSCluster", anInfrastructure());
  const read = async <T extends KubernetesObject>(
    { kind }: Resource,
    { namespace = "", name }: { readonly namespace?: string; readonly name: string },
  ) => objects.get(`${kind}/${namespace}/${name}`) as T | undefined;
  const provider = awsPoolProvider({
    makeClients,
    hookPrefix: "lifeguard-",
    controllerNamespace: "capa-system",
    now: () => clock.now(),
  });
  const request = (overrides: Overrides = {}): PoolRequest => ({ ...aPoolRequest(overrides), read, now: clock.now() });
  const open = async (overrides: Overrides = {}): Promise<PoolSession> => {
    const opened = await provider.open(request(overrides));
    if ("waiting" in opened) throw new Error(`the pool waits: ${opened.waiting.message}`);
    return opened;
  };
  return { aws, cloud: aws.cloud, clock, provider, put, request, open };
}

export interface Pass {
  readonly did: readonly string[];
  readonly sight: PoolSight;
  readonly session: PoolSession;
}

/** Changes, one per look, until nothing differs. */
export async function converge(rig: PoolRig, overrides: Overrides = {}): Promise<Pass> {
  const did: string[] = [];
  for (;;) {
    const session = await rig.open(overrides);
    const sight = await session.observe();
    const change = session.nextChange(sight);
    if (!change) return { did, sight, session };
    if (did.length >= MOST_CHANGES) throw new Error(`no end of changes: ${did.join(", ")}`);
    did.push(change.do);
    await session.apply(change);
  }
}

/** Makes the pool and lets its instances boot. */
export async function created(rig: PoolRig, overrides: Overrides = {}): Promise<Pass> {
  await converge(rig, overrides);
  rig.clock.advance(10);
  return converge(rig, overrides);
}

/** Time passes, and somebody drains: every hook that waits is completed, each step anew. */
export async function drainFor(rig: PoolRig, seconds: number): Promise<number> {
  let held = 0;
  for (let passed = 0; passed < seconds; passed += DRAIN_STEP_SECONDS) {
    rig.clock.advance(DRAIN_STEP_SECONDS);
    for (const { instanceId, hook } of rig.cloud.waiting()) {
      held += 1;
      await rig.cloud.handle("autoscaling", "CompleteLifecycleAction", {
        AutoScalingGroupName: POOL,
        LifecycleHookName: hook,
        InstanceId: instanceId,
        LifecycleActionResult: "CONTINUE",
      });
    }
  }
  return held;
}

/** As pool-step writes it: what was said becomes the pool's own. */
export function afterSaying(pool: AwsMachinePool, { session, sight }: Pass): AwsMachinePool {
  const said = session.say(sight, undefined);
  const told = Object.entries(said.annotations ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  );
  return {
    ...pool,
    metadata: { ...pool.metadata, annotations: { ...pool.metadata.annotations, ...Object.fromEntries(told) } },
  };
}

export const condition = ({ session, sight }: Pass, type: string) =>
  session.say(sight, undefined).conditions.find((one) => one.type === type);
