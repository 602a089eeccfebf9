/** The local cloud as the benchmarks use it: grown to a size, filled with pods, and counted. */
import type { Instance } from "../../infra/local/aws/fleet.ts";
import type { Call } from "../../infra/local/calls.ts";
import type { StoryClock } from "../../infra/local/clock.ts";
import { deployments, isReady } from "../../infra/local/cluster/kinds.ts";
import { deployment } from "../../infra/local/cluster/manifests.ts";
import type { Invocation } from "../../infra/local/host/lambda.ts";
import { openScene } from "../../infra/local/stories/run.ts";
import { POOL, type Stage } from "../../infra/local/stories/stage.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";

const PATIENCE_SECONDS = 600;

/** What happened since it was made. */
export interface Mark {
  invocations(): readonly Invocation[];
  /** Calls of our functions, on all servers. */
  calls(): readonly Call[];
}

export interface BenchRig {
  readonly stage: Stage;
  readonly clock: StoryClock;
  mark(): Mark;
  /** Virtual time passes until then. Throws when it does not come within ten minutes. */
  until(what: string, done: () => boolean): Promise<void>;
  pass(seconds: number): Promise<void>;
  /** The group gets so many instances; waits until all their Nodes are Ready. */
  growTo(count: number): Promise<void>;
  /** Puts so many pods of a Deployment on one Node and waits until they are Ready. */
  fill(node: string, count: number): Promise<void>;
  terminate(instance: Instance): Promise<void>;
  /** The instance's Node is gone, and its record is finished. */
  isOver(instance: Instance): boolean;
  stop(): Promise<void>;
}

const ready = (object: Pod | Node) => isReady({ status: { conditions: object.status?.conditions ?? [] } });

export async function startBenchRig(): Promise<BenchRig> {
  const problems: string[] = [];
  const onProblem = (message: string) => void problems.push(message);
  const scene = await openScene({ stage: {}, cloud: { onProblem } });
  const { clock, stage } = scene;
  const { cloud } = stage;
  const { watched } = stage;
  const { management, workload, aws, host } = cloud;

  const until = async (what: string, done: () => boolean) => {
    if (await clock.run({ maxSeconds: PATIENCE_SECONDS, done })) return;
    throw new Error(
      `${what} did not come within ${PATIENCE_SECONDS} virtual seconds: ${problems.slice(-3).join("; ")}`,
    );
  };
  const growTo = async (count: number) => {
    await aws.cloud.handle("autoscaling", "UpdateAutoScalingGroup", {
      AutoScalingGroupName: POOL,
      MinSize: 0,
      MaxSize: count,
      DesiredCapacity: count,
    });
    await until(`${count} Ready Nodes`, () => watched.items<Node>(nodes).filter(ready).length === count);
  };
  const fill = async (node: string, count: number) => {
    const spec = { nodeSelector: { "kubernetes.io/hostname": node } };
    await workload.client.create(deployments, deployment(`fill-${node.split(".")[0]}`, count, { spec }));
    const there = () => watched.items<Pod>(pods).filter((pod) => pod.spec?.nodeName === node && ready(pod));
    await until(`${count} pods on ${node}`, () => there().length > count);
  };
  const terminate = async ({ id }: Instance) => {
    const parameters = { InstanceId: id, ShouldDecrementDesiredCapacity: true };
    await aws.cloud.handle("autoscaling", "TerminateInstanceInAutoScalingGroup", parameters);
  };
  const isOver = ({ id, privateDnsName }: Instance) =>
    watched
      .items<InstanceTermination>(instanceTerminations)
      .some(({ metadata, status }) => metadata.name.endsWith(id) && status?.phase === "Released") &&
    !watched.items<Node>(nodes).some(({ metadata }) => metadata.name === privateDnsName);

  const mark = (): Mark => {
    const lists = [management.calls, workload.calls, aws.calls];
    const from = lists.map(({ length }) => length);
    const invoked = host.invocations.length;
    return {
      invocations: () => host.invocations.slice(invoked),
      calls: () =>
        lists.flatMap((calls, index) => calls.slice(from[index]).filter(({ who }) => who.startsWith("lifeguard"))),
    };
  };
  const pass = async (seconds: number) => void (await clock.run({ maxSeconds: seconds }));
  return { stage, clock, mark, until, pass, growTo, fill, terminate, isOver, stop: () => scene.close() };
}
