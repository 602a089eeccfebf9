/** The live timeline: who did what and when, as lines for people or JSON for machines. */
import pc from "picocolors";
import type { Clock } from "./clock.ts";

export type Who = "story" | "cloud" | "function" | "drain" | "node" | "pod";

export interface Line {
  readonly at: Date;
  readonly who: Who;
  /** Instance, function, Node or pod. */
  readonly name: string;
  readonly what: string;
}

export interface Timeline {
  say(who: Who, name: string, what: string): void;
  readonly lines: readonly Line[];
}

export function createTimeline(clock: Clock, show: (line: Line) => void): Timeline {
  const lines: Line[] = [];
  const say = (who: Who, name: string, what: string) => {
    const line = { at: clock.now(), who, name, what };
    lines.push(line);
    show(line);
  };
  return { say, lines };
}

type Paint = (text: string) => string;

const colours = (on: boolean): Readonly<Record<Who, Paint>> => {
  const { bold, yellow, magenta, cyan, blue, green } = pc.createColors(on);
  return { story: bold, cloud: yellow, function: magenta, drain: cyan, node: blue, pod: green };
};

const NAME_WIDTH = 34;

/** `  12.0 s  function  asg-instance-terminating  cordoned ...`, the time counted from the story's start. */
export function lineWriter(colour: boolean, write: (text: string) => void) {
  const paint = colours(colour);
  let start: number | undefined;
  return {
    /** The next line's time is zero. */
    restart: () => {
      start = undefined;
    },
    show: ({ at, who, name, what }: Line) => {
      start ??= at.getTime();
      const seconds = ((at.getTime() - start) / 1000).toFixed(1).padStart(7);
      write(`${seconds} s  ${paint[who](who.padEnd(8))}  ${name.padEnd(NAME_WIDTH)}  ${what}\n`);
    },
  };
}
