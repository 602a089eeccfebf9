/** `--keep`: the stage on the real clock, with everything a person needs to reach it from another terminal. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveClock } from "./clock.ts";
import { type LocalCloud, startLocalCloud } from "./local-cloud.ts";
import { WATCH_FILTER } from "./stories/full/manifests.ts";
import { welcomePools } from "./stories/full/welcome.ts";
import { QUICK } from "./stories/pace.ts";
import { NAMESPACE, POOL, type Stage, setStage } from "./stories/stage.ts";
import { createTimeline, lineWriter } from "./timeline.ts";

const POOLS = { LIFEGUARD_WATCH_FILTER: WATCH_FILTER };
const OWN_POOL = "infra/local/stories/full/own-pool.yaml";

async function writeFiles(folder: string, { management, workload, aws }: LocalCloud) {
  const place = (name: string) => join(folder, name);
  await writeFile(place("management.kubeconfig"), management.admin, { mode: 0o600 });
  await writeFile(place("workload.kubeconfig"), workload.admin, { mode: 0o600 });
  await writeFile(place("ca.pem"), aws.caPem);
  return { management: place("management.kubeconfig"), workload: place("workload.kubeconfig"), ca: place("ca.pem") };
}

function instructions(
  { cloud: { aws, host, auditToken }, instances }: Stage,
  files: Awaited<ReturnType<typeof writeFiles>>,
): string {
  const [instance] = instances();
  return `
The management cluster (MachinePools and InstanceTerminations; namespace ${NAMESPACE}):
  export KUBECONFIG=${files.management}
  kubectl -n ${NAMESPACE} get machinepools,awsmachinepools
  kubectl -n ${NAMESPACE} get instanceterminations -w
  kubectl -n ${NAMESPACE} delete instancetermination ${POOL}-${instance?.id}     # cancels a drain

Pools of your own, looked after by the functions alone:
  kubectl apply -f ${OWN_POOL}
  kubectl -n ${NAMESPACE} scale machinepool shop-spares --replicas=3

The workload cluster:
  export KUBECONFIG=${files.workload}
  kubectl get nodes,pods -A -o wide
  kubectl apply -f app.yaml     # "kubectl create KIND" speaks protobuf, which this API server does not

AWS, for every SDK and the aws command line:
  export AWS_ENDPOINT_URL=${aws.endpoint} AWS_CA_BUNDLE=${files.ca} NODE_EXTRA_CA_CERTS=${files.ca}
  export AWS_REGION=${aws.cloud.region} AWS_ACCESS_KEY_ID=person AWS_SECRET_ACCESS_KEY=local
  aws autoscaling set-desired-capacity --auto-scaling-group-name ${POOL} --desired-capacity 2
  curl --cacert ${files.ca} ${aws.endpoint}/_reclaim -d '{"instanceId":"${instance?.id}"}'     # Spot interruption

The functions take any EventBridge event, and any audit EventList:
  curl --cacert ${files.ca} ${host.url}/events -d @event.json
  curl --cacert ${files.ca} ${host.url}/audit -H 'authorization: Bearer ${auditToken}' -d @audit.json

Ctrl-C ends everything.

`;
}

const interrupted = () =>
  new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

export async function keepRunning(write: (text: string) => void): Promise<void> {
  const clock = liveClock();
  const stopped = interrupted();
  write("A cloud and two clusters are starting ...\n");
  const lines = lineWriter({ colour: process.stdout.isTTY === true, columns: process.stdout.columns }, write);
  let open = false;
  const timeline = createTimeline(clock, (line) => {
    if (open) lines.show(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const cloud = await startLocalCloud({ clock, onProblem, timing: QUICK, settings: POOLS });
  const stage = await setStage(cloud, clock, { timeline, nodeSeconds: QUICK.nodeSeconds });
  await welcomePools(cloud);
  const folder = await mkdtemp(join(tmpdir(), "lifeguard-"));
  write(instructions(stage, await writeFiles(folder, cloud)));
  open = true;
  await stopped;
  await stage.strike();
  clock.stop();
  await rm(folder, { recursive: true });
}
