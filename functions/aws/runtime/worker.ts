/** What a function that reads or changes clusters keeps in its sandbox, and the world it gives to each invocation. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { SQSClient } from "@aws-sdk/client-sqs";
import { connectClusters } from "../../../lib/kubernetes/clusters.ts";
import { autoScalingApi } from "../../../lib/providers/aws/auto-scaling-api.ts";
import { type Ec2Api, ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import type { Reading } from "../../../lib/providers/aws/events/parser.ts";
import { hookNames } from "../../../lib/providers/aws/hook-names.ts";
import { awsProvider } from "../../../lib/providers/aws/index.ts";
import { managementKubeconfig } from "../../../lib/providers/aws/management-kubeconfig.ts";
import type { DrainSite } from "../../../lib/reconcile/drain-look.ts";
import { once, secretClients, timeLimits } from "./clients.ts";
import { keyQueues } from "./queues.ts";
import { type Environment, readWorkerSettings } from "./settings.ts";

export interface Worker {
  during(signal: AbortSignal): DrainSite & { readonly ec2: Ec2Api };
  /** What parsers may know, at this moment. */
  reading(): Reading;
}

export function openWorker(environment: Environment): Worker {
  const settings = readWorkerSettings(environment);
  const { region, hookNamePrefix, management, reconcile, rebalancePolicy, maintenancePolicy } = settings;
  const now = () => new Date();
  const asked: DrainSite["asked"] = new Map();
  const autoScaling = new AutoScalingClient(timeLimits());
  const sqs = new SQSClient(timeLimits());
  const ec2 = once(async () => new (await import("@aws-sdk/client-ec2")).EC2Client(timeLimits()));
  const names = hookNames(hookNamePrefix);
  const kubeconfig = managementKubeconfig(management, {
    ...secretClients(),
    region,
    credentials: autoScaling.config.credentials,
    now,
  });
  const clusters = connectClusters({ management: () => kubeconfig.read(), managementOrigin: kubeconfig.origin });

  return {
    during: (signal) => {
      const apis = { autoScaling: autoScalingApi(autoScaling, signal), ec2: ec2Api(ec2, signal) };
      const provider = awsProvider(apis, { hookNames: names });
      const world = { clusters: clusters.during(signal), provider, now, settings: reconcile };
      return { world, queue: keyQueues(sqs, settings, signal), asked, ec2: apis.ec2 };
    },
    reading: () => ({ receivedAt: now(), hookNames: names, rebalancePolicy, maintenancePolicy }),
  };
}
