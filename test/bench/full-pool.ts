/** A pool without a controller: what it costs from `kubectl apply` to Running, and that 500 Nodes at rest cost no write. */
import type { Call } from "../../infra/local/calls.ts";
import type { Invocation } from "../../infra/local/host/lambda.ts";
import { openFullScene } from "../../infra/local/stories/full/open.ts";
import { isAtRest } from "../../infra/local/stories/full/story.ts";
import { at } from "../packaging/template.ts";
import { counted, noted, type Row } from "./row.ts";

const FEW = 3;
const MANY = 500;
const PATIENCE_SECONDS = 3_600;
/** Looks that events asked for, and the last Events of Auto Scaling, are over by then. */
const ECHO_SECONDS = 900;
const QUIET_SECONDS = 1_800;
/**
 * One pass makes one change: finalizers, hand-overs, template, group and their status are some fifteen of them, Machines and
 * Nodes of any number five more, and each of three instances rings twice while it boots.
 */
const MOST_INVOCATIONS = 32;
/** A pass keeps nothing in mind: before its change it reads the pool, what belongs to it, and AWS, about nine calls. */
const MOST_CALLS_PER_INVOCATION = 10;
type Scene = Awaited<ReturnType<typeof openFullScene>>;

interface Cost {
  readonly invocations: readonly Invocation[];
  /** Of our functions, messages on our own queues aside. */
  readonly calls: readonly Call[];
}

type Until = Parameters<Scene["clock"]["run"]>[0];

async function costOf({ stage, clock }: Scene, until: Until): Promise<Cost> {
  const { management, workload, aws, host } = stage.cloud;
  const lists = [management.calls, workload.calls, aws.calls];
  const from = lists.map(({ length }) => length);
  const invoked = host.invocations.length;
  const isOver = await clock.run(until);
  if (until.done && !isOver) throw new Error(`the pool is not there after ${until.maxSeconds} virtual seconds`);
  const calls = lists.flatMap((all, index) => all.slice(from[index]));
  return {
    invocations: host.invocations.slice(invoked),
    calls: calls.filter(({ who, server }) => who.startsWith("lifeguard") && server !== "sqs"),
  };
}

/** Every call that is not a question, and not the review by which an API server is asked who we are. */
const isWrite = ({ what }: Call): boolean => !/^(GET|LIST|Get|Describe|List|POST selfsubject)/.test(what);

async function createRows(scene: Scene): Promise<readonly Row[]> {
  await scene.stage.applyPool({ maxSize: MANY });
  const done = () => scene.stage.machinePool()?.status?.phase === "Running";
  const { invocations, calls } = await costOf(scene, { done, maxSeconds: PATIENCE_SECONDS });
  const name = `a pool of ${FEW}, from apply to Running`;
  const by = Object.entries(Object.groupBy(invocations, (one) => one.function));
  return [
    counted(`${name}: invocations`, invocations.length, MOST_INVOCATIONS, "invocations"),
    noted("  by function", by.map(([one, { length = 0 } = []]) => `${one} ${length}`).join(", ")),
    counted(`${name}: calls`, calls.length, invocations.length * MOST_CALLS_PER_INVOCATION, "calls"),
    noted("  of them writes", `${calls.filter(isWrite).length} writes`),
  ];
}

const isSettled = ({ logs }: Invocation): boolean => logs.some((line) => at(line, "because") === "Settled");

interface Rest {
  readonly sweeps: number;
  readonly looks: number;
  readonly callsPerLook: number;
  readonly writes: number;
}

async function restAt(scene: Scene, size: number): Promise<Rest> {
  await costOf(scene, { done: () => isAtRest(scene.stage, size), maxSeconds: PATIENCE_SECONDS });
  await costOf(scene, { maxSeconds: ECHO_SECONDS });
  const { invocations, calls } = await costOf(scene, { maxSeconds: QUIET_SECONDS });
  const looks = invocations.filter((one) => one.function === "pool-continued");
  if (looks.length === 0 || !looks.every(isSettled)) throw new Error(`no sweep found the pool of ${size} at rest`);
  return {
    sweeps: invocations.filter((one) => one.function === "overdue-swept").length,
    looks: looks.length,
    callsPerLook: looks.reduce((total, one) => total + one.calls, 0) / looks.length,
    writes: calls.filter(isWrite).length,
  };
}

/** All of either size are on one page of each list, so that not a single call may be added. */
async function restRows(scene: Scene): Promise<readonly Row[]> {
  const few = await restAt(scene, FEW);
  await scene.stage.scaleTo(MANY);
  const many = await restAt(scene, MANY);
  const name = `a settled pool of ${MANY} Nodes`;
  return [
    counted(`${name}, ${many.sweeps} sweeps, ${many.looks} full looks: writes`, many.writes + few.writes, 0, "writes"),
    counted(`${name}: calls of a full look`, many.callsPerLook, few.callsPerLook, "calls"),
  ];
}

export async function fullPoolRows(): Promise<readonly Row[]> {
  const scene = await openFullScene({});
  try {
    return [...(await createRows(scene)), ...(await restRows(scene))];
  } finally {
    await scene.close();
  }
}
