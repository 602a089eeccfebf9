/** `npm run local`: plays the stories on the local cloud and says which promises were kept; or keeps one cloud running. */
import { Command, InvalidArgumentError, Option } from "commander";
import { keepRunning } from "./keep.ts";
import { playStory, STORIES } from "./stories/run.ts";
import { lineWriter } from "./timeline.ts";
import { drawVerdict, type Verdict } from "./verdict.ts";

interface Options {
  readonly story?: string;
  readonly speed: number;
  readonly json: boolean;
  readonly keep: boolean;
}

const toSpeed = (text: string): number => {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed >= 0) return speed;
  throw new InvalidArgumentError("expected virtual seconds per real second, or 0 for as fast as it goes");
};

const command = new Command("local")
  .description(
    "Lifeguard on a cloud and two clusters inside this process: no account, no container engine, no network.",
  )
  .addOption(new Option("--story <name>", "play one story only").choices(STORIES.map(({ name }) => name)))
  .option("--speed <n>", "virtual seconds per real second; 0: as fast as it goes", toSpeed, 20)
  .option("--json", "one JSON object per line: events, then the verdicts", false)
  .option("--keep", "real clock, no story: everything stays up until Ctrl-C", false);

const write = (text: string) => void process.stdout.write(text);

async function play(story: (typeof STORIES)[number], { speed, json }: Options): Promise<Verdict> {
  const colour = process.stdout.isTTY === true;
  if (json) return playStory(story, speed, (line) => write(`${JSON.stringify(line)}\n`));
  const lines = lineWriter(colour, write);
  write("\n");
  const verdict = await playStory(story, speed, lines.show);
  write(drawVerdict(verdict, colour));
  return verdict;
}

async function main(options: Options): Promise<void> {
  if (options.keep) return keepRunning(write);
  const verdicts: Verdict[] = [];
  for (const story of STORIES) {
    if (options.story === undefined || options.story === story.name) verdicts.push(await play(story, options));
  }
  const kept = verdicts.every((verdict) => verdict.kept);
  if (options.json) write(`${JSON.stringify({ kept, verdicts })}\n`);
  process.exitCode = kept ? 0 : 1;
}

await main(command.parse().opts<Options>());
