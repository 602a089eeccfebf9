/** What the function that reconciles pools keeps in its sandbox beside a worker's: AWS clients per identity of a cluster. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { KeyQueue } from "../../../lib/api/key.ts";
import type { MakeClients } from "../../../lib/providers/aws/pool/clients.ts";
import { awsPoolProvider } from "../../../lib/providers/aws/pool/index.ts";
import type { PoolWorld } from "../../../lib/reconcile/step.ts";
import { once, timeLimits } from "./clients.ts";
import { type Environment, readWorkerSettings } from "./settings.ts";
import { openWorker } from "./worker.ts";

export interface PoolWorker {
  during(signal: AbortSignal): { readonly world: PoolWorld; readonly queue: KeyQueue };
  /** Looks that are promised already. */
  readonly promised: Map<string, number>;
}

const makeClients: MakeClients = ({ region, credentials }) => {
  const access = { ...timeLimits(), ...(region && { region }), ...(credentials && { credentials }) };
  return {
    autoScaling: once(async () => new AutoScalingClient(access)),
    ec2: once(async () => new EC2Client(access)),
    s3: once(async () => new S3Client(access)),
    ssm: once(async () => new SSMClient(access)),
    sts: once(async () => new STSClient(access)),
  };
};

export function openPoolWorker(environment: Environment): PoolWorker {
  const worker = openWorker(environment);
  const { hookNamePrefix, controllerNamespace } = readWorkerSettings(environment);
  // A sandbox runs one invocation at a time.
  let current: AbortSignal | undefined;
  const provider = awsPoolProvider({
    makeClients,
    hookPrefix: hookNamePrefix,
    controllerNamespace,
    now: () => new Date(),
    signal: () => current,
  });
  const contractVersions = new Map<string, string>();
  return {
    promised: new Map(),
    during: (signal) => {
      current = signal;
      const { world, queue } = worker.during(signal);
      return { world: { ...world, poolProviders: [provider], contractVersions }, queue };
    },
  };
}
