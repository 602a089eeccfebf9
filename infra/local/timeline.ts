/** The live timeline: who did what and when, as lines for people or JSON for machines. */
import pc from "picocolors";
import type { Clock } from "./clock.ts";

export type Who = "story" | "chaos" | "cloud" | "function" | "drain" | "node" | "pod";

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
  const { bold, red, yellow, magenta, cyan, blue, green } = pc.createColors(on);
  return { story: bold, chaos: red, cloud: yellow, function: magenta, drain: cyan, node: blue, pod: green };
};

const WHO_WIDTH = 8;
const NAME_WIDTH = 34;
const BEFORE_NAME_WIDTH = "   12.0 s  ".length + WHO_WIDTH + 2;

/** A file or pipe has no columns: its lines are whole. */
export interface Terminal {
  readonly colour: boolean;
  readonly columns?: number | undefined;
}

/** `  12.0 s  function  asg-instance-terminating  cordoned ...`, the time counted from the story's start. */
export function lineWriter(terminal: Terminal, write: (text: string) => void) {
  const { colour, columns = Number.POSITIVE_INFINITY } = terminal;
  const paint = colours(colour);
  let start: number | undefined;
  return {
    show: ({ at, who, name, what }: Line) => {
      start ??= at.getTime();
      const seconds = ((at.getTime() - start) / 1000).toFixed(1).padStart(7);
      const rest = `${name.padEnd(NAME_WIDTH)}  ${what}`;
      const left = columns - BEFORE_NAME_WIDTH;
      const fitting = rest.length > left ? `${rest.slice(0, left - 1)}…` : rest;
      write(`${seconds} s  ${paint[who](who.padEnd(WHO_WIDTH))}  ${fitting}\n`);
    },
  };
}
