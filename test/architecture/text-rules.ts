/** Rules that a file's text tells: its first sentence, its names, its size, and words that have no business there. */
import type { Source, Violation } from "./sources.ts";

interface TextRule {
  readonly rule: string;
  /** Files it is about. */
  readonly where: RegExp;
  /** Files it leaves alone. */
  readonly except?: RegExp;
  /** Lines that break it, counted from 0. */
  readonly broken: (source: Source) => readonly number[];
}

const CLOUDS = new Set(
  (
    "aws amazon ec2 asg eks lambda sqs sns cloudwatch eventbridge rosa autoscaling azure vmss aks aso entra " +
    "gcp gke google mig oci oke oracle scaleway kapsule middy powertools"
  ).split(" "),
);

/** "awsMachinePool" and "AWS_REGION" are made of words as much as "the aws cloud" is. */
const wordsOf = (line: string): readonly string[] =>
  line
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const isComment = (line: string) => /^\s*(\/\/|\/?\*)/.test(line);

const linesWith =
  (pattern: RegExp, comments = false) =>
  ({ lines }: Source): readonly number[] =>
    lines.flatMap((line, index) => (pattern.test(line) && (comments || !isComment(line)) ? [index] : []));

const tooLong =
  (limit: number) =>
  ({ lines }: Source): readonly number[] =>
    // The last "line" is what follows the final newline.
    lines.length - 1 > limit ? [limit] : [];

const RULES: readonly TextRule[] = [
  {
    rule: "a file opens with one /** sentence */ that says its job",
    where: /./,
    broken: ({ lines }) => (/^\/\*\* \S.*[.:!?)].*$/.test(opening(lines)) ? [] : [0]),
  },
  {
    rule: "names no cloud, not even in a comment",
    where: /^lib\/(reconcile|kubernetes)\//,
    broken: ({ lines }) =>
      lines.flatMap((line, index) => (wordsOf(line).some((word) => CLOUDS.has(word)) ? [index] : [])),
  },
  {
    rule: "no utils, helpers, common, manager: a file's name says its job",
    where: /(^|\/)[^/]*(util|helper|common|manager|misc)s?[^/]*(\/|$)/,
    broken: () => [0],
  },
  { rule: "a file has at most 250 lines", where: /./, except: /^test\//, broken: tooLong(250) },
  { rule: "a test file has at most 400 lines", where: /^test\//, broken: tooLong(400) },
  {
    rule: "a function file is wiring, at most 40 lines",
    where: /^functions\/[^/]+\/[^/]+\.ts$/,
    except: /\/(entry|middleware)\.ts$/,
    broken: tooLong(40),
  },
  {
    rule: "the environment is read in functions/<cloud>/entry.ts alone",
    where: /^(lib|functions)\//,
    except: /^functions\/[^/]+\/entry\.ts$/,
    broken: linesWith(/\bprocess\s*(\.|\[["'])env\b|\benv\s*}?\s*(=|from)\s*(process|["']node:process)/),
  },
  {
    rule: "no timer and no sleep: a pass answers with seconds",
    where: /^(lib|functions)\//,
    broken: linesWith(/\b(setTimeout|setInterval|setImmediate)\b|node:timers/),
  },
  {
    rule: "time is an argument here",
    where: /^lib\/(reconcile|api)\//,
    broken: linesWith(/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/),
  },
  {
    rule: "chance is an argument here",
    where: /^lib\/(reconcile|api)\//,
    broken: linesWith(/\bMath\.random\(|\brandomUUID\b/),
  },
  {
    rule: "classes are for errors",
    where: /./,
    except: /^test\/architecture\/|\.cjs$/,
    broken: linesWith(/^\s*(export )?(default )?(abstract )?class (?!\w+ extends (\w*Error)\b)/),
  },
  { rule: "no enum: a union or a const object", where: /\.ts$/, broken: linesWith(/^\s*(export )?(const )?enum \w/) },
  {
    rule: "no `as unknown as`",
    where: /\.ts$/,
    except: /^test\/architecture\//,
    broken: linesWith(/\bas unknown as\b/),
  },
  {
    rule: "a promise of work to come names its issue",
    where: /./,
    except: /^test\/architecture\//,
    broken: linesWith(/\b(TODO|FIXME|XXX)\b(?!.*#\d)/, true),
  },
  {
    rule: "no path of somebody's machine",
    where: /./,
    except: /^test\/architecture\//,
    // capi is whom upstream's pools let log in, on the machines that they make.
    broken: linesWith(/["'`\s(](\/work\/|\/home\/(?!capi\/)|\/Users\/|\/root\/)/, true),
  },
  {
    rule: "sources are free of real waiting in tests: a clock is injected",
    where: /^test\//,
    except: /^test\/(architecture|bench)\//,
    broken: linesWith(/\bsetTimeout\(|node:timers\/promises/),
  },
];

/** The first line that is not a shebang, with a longer comment joined up. */
function opening(lines: readonly string[]): string {
  const text = lines.slice(lines[0]?.startsWith("#!") ? 1 : 0).join("\n");
  return /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0].replace(/\s*\n\s*\*?\s*/g, " ") ?? "";
}

export const brokenTextRules = (source: Source): readonly Violation[] =>
  RULES.filter(({ where, except }) => where.test(source.path) && !except?.test(source.path)).flatMap(
    ({ rule, broken }) => broken(source).map((index) => ({ path: source.path, line: index + 1, rule })),
  );
