/** `npm run local`: plays the stories on the local cloud and says which promises were kept; or keeps one cloud running. */
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { planRounds, playRounds } from "./chaos/rounds.ts";
import { keepRunning } from "./keep.ts";
import type { RealServers } from "./local-cloud.ts";
import { CLOUDS, type CloudName, PLAYABLE, type Playable } from "./stories/playable.ts";
import { lineWriter } from "./timeline.ts";
import { drawVerdict, type Verdict } from "./verdict.ts";

interface Options {
  readonly cloud: CloudName;
  readonly story?: string;
  readonly speed?: number;
  readonly json: boolean;
  readonly keep: boolean;
  readonly real: boolean;
  readonly chaos?: string;
  readonly rounds?: number;
  readonly some?: number;
  readonly atOnce: number;
}

const toSpeed = (text: string): number => {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed >= 0) return speed;
  throw new InvalidArgumentError("expected virtual seconds per real second, or 0 for as fast as it goes");
};

/** Each once: clouds share names of stories. */
const namesOf = (...clouds: readonly CloudName[]): string[] => [
  ...new Set(clouds.flatMap((cloud) => PLAYABLE[cloud].map(({ name }) => name))),
];
const toCount = (text: string) => {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("expected a whole number, 1 or more");
};

const command = new Command("local")
  .description(
    "Lifeguard on a cloud and two clusters inside this process: no account, no container engine, no network.",
  )
  .addOption(new Option("--cloud <name>", "whose stories are played").choices(CLOUDS).default("aws"))
  .addOption(new Option("--story <name>", "play one story only").choices(namesOf(...CLOUDS)))
  .option("--speed <n>", "virtual seconds per real second; 0: as fast as it goes", toSpeed)
  .option("--json", "one JSON object per line: events, then the verdicts", false)
  .option("--keep", "real clock, no story: everything stays up until Ctrl-C", false)
  .option("--chaos <seed>", "faults on the wires of the functions, and crashes: the seed decides which")
  .option("--rounds <n>", "with --chaos: plays the stories so many times, each time with another seed", toCount)
  .option("--some <n>", "with --rounds: only so many stories in each round, in turn", toCount)
  .option("--at-once <n>", "with --rounds: side by side, since most of a story under chaos is waiting", toCount, 3)
  .option(
    "--real",
    "one --story on two bare, fresh API servers given by LOCAL_* variables (.ci/stories-on-real-api)",
    false,
  );

const write = (text: string) => void process.stdout.write(text);

const environment = z.object({
  LOCAL_MANAGEMENT_URL: z.url(),
  LOCAL_MANAGEMENT_TOKEN: z.string().min(1),
  LOCAL_WORKLOAD_URL: z.url(),
  LOCAL_WORKLOAD_TOKEN: z.string().min(1),
  LOCAL_AUDIT_PORT: z.coerce.number().int().positive(),
  LOCAL_AUDIT_TOKEN: z.string().min(1),
});

function realServers(story: string | undefined): RealServers {
  if (story === undefined)
    command.error("error: a story leaves its objects behind: --real needs --story, and fresh servers for each");
  const { data, error } = environment.safeParse(process.env);
  if (error) return command.error(`error: --real needs to know its servers\n${z.prettifyError(error)}`);
  return {
    management: { url: data.LOCAL_MANAGEMENT_URL, token: data.LOCAL_MANAGEMENT_TOKEN },
    workload: { url: data.LOCAL_WORKLOAD_URL, token: data.LOCAL_WORKLOAD_TOKEN },
    audit: { port: data.LOCAL_AUDIT_PORT, token: data.LOCAL_AUDIT_TOKEN },
  };
}

const REAL = "Real API servers, real clock. They know no roles: every function is an administrator there.\n";

/** A drain is watched; the life of a pool takes a quarter of an hour, and is read afterwards. */
const DRAIN_SPEED = 40;

async function play(story: Playable, options: Options, real?: RealServers): Promise<Verdict> {
  const { json, chaos: seed, speed = story.isShort && seed === undefined ? DRAIN_SPEED : 0 } = options;
  const chaos = seed === undefined ? undefined : { seed: `${seed} ${story.name}` };
  const terminal = { colour: process.stdout.isTTY === true, columns: process.stdout.columns };
  if (json) return story.play({ speed, real, chaos, show: (line) => write(`${JSON.stringify(line)}\n`) });
  const lines = lineWriter(terminal, write);
  write(`\n${story.name}: a cloud and two clusters are starting ...\n`);
  if (real) write(REAL);
  const verdict = await story.play({ speed, real, chaos, show: lines.show });
  write(drawVerdict(verdict, terminal));
  return verdict;
}

async function chaosRounds({ cloud, chaos: seed, story, some, atOnce }: Options, rounds: number): Promise<void> {
  if (seed === undefined) return command.error("error: --rounds goes with --chaos SEED");
  const names = namesOf(cloud).filter((name) => story === undefined || name === story);
  const plays = planRounds(names, { cloud, seed, rounds, some: some ?? names.length });
  const kept = await playRounds(plays, { atOnce, write });
  process.exitCode = kept ? 0 : 1;
}

async function main(options: Options): Promise<void> {
  const { cloud, story: wanted } = options;
  for (const option of ["keep", "real"] as const)
    if (options[option] && cloud !== "aws") return command.error(`error: --${option} is for AWS only`);
  if (options.keep) return keepRunning(write);
  if (wanted !== undefined && !namesOf(cloud).includes(wanted))
    return command.error(`error: ${cloud} has no story ${wanted}; there are ${namesOf(cloud).join(", ")}`);
  const real = options.real ? realServers(wanted) : undefined;
  if (options.rounds !== undefined) return chaosRounds(options, options.rounds);
  const verdicts: Verdict[] = [];
  for (const story of PLAYABLE[cloud]) {
    if (wanted === undefined || wanted === story.name) verdicts.push(await play(story, options, real));
  }
  const kept = verdicts.every((verdict) => verdict.kept);
  if (options.json) write(`${JSON.stringify({ kept, verdicts })}\n`);
  process.exitCode = kept ? 0 : 1;
}

await main(command.parse().opts<Options>());
