/** Puts a run together: clocks, servers, cloud, wire, functions, and the judge who watches them all. */
import { disruptionBudgets } from "../../infra/local/cluster/kinds.ts";
import { clusters } from "../../lib/api/core/cluster.ts";
import { machines } from "../../lib/api/core/machine.ts";
import { machineDrainRules } from "../../lib/api/core/machine-drain-rule.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { daemonSets, pods } from "../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../lib/api/kubernetes/secret.ts";
import { volumeAttachments } from "../../lib/api/kubernetes/volume.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { PoolWorld } from "../../lib/reconcile/step.ts";
import { type Chance, createChance, type Strike } from "./chance.ts";
import { cloudFor } from "./clouds/by-seed.ts";
import type { SimulatedCloud } from "./clouds/simulated-cloud.ts";
import { clustersOf } from "./clusters.ts";
import { createFunctions, type Functions, type Report } from "./functions.ts";
import { createNarrator, type Narrator } from "./narrator.ts";
import type { Pass } from "./pass.ts";
import { planOf } from "./plan.ts";
import { hearAudit } from "./pools/hints.ts";
import { WATCH_FILTER } from "./pools/objects.ts";
import { MARGIN_SECONDS } from "./promises/deadlines.ts";
import { createJudge, type Judge } from "./promises/judge.ts";
import type { Scene } from "./scene.ts";
import { createServer, type ServerName, type ServerOptions } from "./servers.ts";
import type { Tally } from "./tally.ts";
import { createTime } from "./time.ts";
import { createWire } from "./wire.ts";

export interface StageOptions {
  readonly only?: ReadonlySet<string>;
  readonly onLine?: (line: string) => void;
  readonly strikes: Strike[];
  readonly tally: Tally;
}

export interface Stage {
  readonly scene: Scene;
  readonly judge: Judge;
  readonly functions: Functions;
  /** Requests of our functions that may change something, so far. */
  readonly writes: () => number;
  /** Milliseconds. */
  readonly lastWriteAt: () => number;
}

const START = Date.parse("2026-03-01T12:00:00Z");
/** Until instances, Nodes and pods are there. */
export const BOOT_SECONDS = 120;
/** What one trouble may cost: a look that is lost is made up for by the second next sweep. */
const DISTURBANCE_SECONDS = 100;

const watchedOf = ({ pools, machines: own }: SimulatedCloud["kinds"]): Record<ServerName, ServerOptions["kinds"]> => ({
  management: [instanceTerminations, machinePools, pools, machineDrainRules, clusters, machines, own, secrets],
  workload: [nodes, pods, daemonSets, disruptionBudgets, volumeAttachments],
});

/** The judge comes last, and servers are heard from the beginning. */
interface Bench {
  judge?: Judge;
  writes: number;
  lastWriteAt: number;
}

function noteWrite(bench: Bench, now: number): void {
  bench.writes++;
  bench.lastWriteAt = now;
}

export async function setUp(seed: number, options: StageOptions): Promise<Stage> {
  const { tally } = options;
  const time = createTime(START);
  const chance = chanceOf(seed, options);
  const narrator = createNarrator(time, START + BOOT_SECONDS * 1000, options.onLine);
  const bench: Bench = { writes: 0, lastWriteAt: START };
  const scene = await buildScene({ time, chance, narrator, tally }, bench);
  const judge = createJudge(scene, (effect) => tally.count(`effect: ${effect}`));
  bench.judge = judge;
  const { plan, disturbed } = scene;
  const report: Report = {
    begun: narrator.begun,
    ended: (pass, outcome, error) => {
      tally.pass();
      if (outcome) tally.count(`${pass.does}: ${outcome.did}`);
      narrator.ended(pass, outcome, error);
      judge.ended(pass, error);
    },
    hint: (trouble, about) => {
      disturbed(DISTURBANCE_SECONDS);
      narrator.tell(`  ${trouble}: ${about}`);
    },
  };
  const functions = createFunctions({
    time,
    chance,
    wire: scene.wire,
    worldOf: worldsFor(scene, { judge, narrator, tally, bench }),
    hintRates: plan.hintRates,
    skewSeconds: plan.skewSeconds,
    cloud: scene.cloud,
    ownsPools: plan.pool !== undefined,
    report,
  });
  if (plan.pool) hearAudit(scene, (key, seconds) => functions.push(key, seconds));
  return { scene, judge, functions, writes: () => bench.writes, lastWriteAt: () => bench.lastWriteAt };
}

const chanceOf = (seed: number, { only, strikes, tally }: StageOptions): Chance =>
  createChance({
    seed,
    ...(only && { only }),
    onStrike: (strike) => {
      strikes.push(strike);
      tally.count(`trouble: ${strike.kind}`);
    },
  });

interface Basics {
  readonly time: ReturnType<typeof createTime>;
  readonly chance: Chance;
  readonly narrator: Narrator;
  readonly tally: Tally;
}

async function buildScene({ time, chance, narrator, tally }: Basics, bench: Bench): Promise<Scene> {
  const plan = planOf(chance);
  const listeners: Scene["listeners"] = new Set();
  const disturbed = (seconds: number) => bench.judge?.court.memory.disturbed(seconds);
  const clock = (name: string) => time.clock((chance.roll(`clock ${name}`) * 2 - 1) * plan.skewSeconds);
  const cloud = cloudFor(clock("cloud"), plan, chance);
  const watched = watchedOf(cloud.kinds);
  const server = (name: ServerName) =>
    createServer({
      name,
      clock: clock(name),
      kinds: watched[name],
      onChange: (change) => {
        bench.judge?.changed(change);
        narrator.changed(change);
        for (const listener of listeners) listener(change);
      },
      onAnswer: (pass, request, answer) => {
        tally.call();
        if (request.method !== "GET") noteWrite(bench, time.now());
        narrator.answered(pass, request, answer);
        bench.judge?.answered(pass, request, answer);
      },
    });
  const wire = createWire({
    time,
    chance,
    rates: plan.rates,
    onHurt: ({ pass, to, what }, trouble) => {
      disturbed(DISTURBANCE_SECONDS);
      narrator.tell(`    ${pass.label}: ${to} ${what}: ${trouble}`);
    },
  });
  const [management, workload] = [await server("management"), await server("workload")];
  const facts = {
    takenAt: new Map(),
    wishedEnds: new Map(),
    describeLagSeconds: 0,
    lags: 0,
    templateChangedAt: 0,
    foreignHooks: new Set<string>(),
    foreignTags: new Set<string>(),
  };
  const { tell } = narrator;
  return { time, chance, plan, management, workload, cloud, wire, facts, listeners, disturbed, tell };
}

interface Watchers {
  readonly judge: Judge;
  readonly narrator: Narrator;
  readonly tally: Tally;
  readonly bench: Bench;
}

/** What each invocation is given, as the worker of functions/<cloud>/runtime does it. */
function worldsFor(scene: Scene, { judge, narrator, tally, bench }: Watchers): (pass: Pass) => PoolWorld {
  const { time, plan, wire, cloud } = scene;
  const doors = cloud.doors({
    wire,
    onRequest: (pass, request) => {
      tally.call();
      if (!cloud.isRead(request.action)) noteWrite(bench, time.now());
      narrator.cloudAsked(pass, request);
      judge.cloudAsked(pass, request);
    },
  });
  const settings = {
    finishedTtlSeconds: plan.finishedTtlSeconds,
    safetyMarginSeconds: MARGIN_SECONDS,
    evictionParallelism: 3,
    dryRun: plan.dryRun,
    nodeNotFoundSeconds: plan.nodeNotFoundSeconds,
    ...(plan.pool && { watchFilter: WATCH_FILTER, surge: plan.pool.surge }),
  };
  const contractVersions = new Map<string, string>();
  return (pass) => {
    const now = () => new Date(time.now() + pass.skewSeconds * 1000);
    const poolProviders = plan.pool ? [doors.poolProviderFor(pass, now)] : [];
    const clusters = clustersOf(wire, scene, pass);
    return { clusters, provider: doors.providerFor(pass, now), now, settings, poolProviders, contractVersions };
  };
}
