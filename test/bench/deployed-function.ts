/** One deployed function, the very bundle of the package, alone in a process: invoked as Lambda does it, measured from inside. */
import { spawn } from "node:child_process";
import type { Template } from "../packaging/template.ts";
import { at, idOf, nameOf, ofType } from "../packaging/template.ts";

export interface Measured {
  readonly answer: unknown;
  /** What it wrote: JSON lines are parsed. */
  readonly logs: readonly unknown[];
  /** Of this invocation. */
  readonly cpuMilliseconds: number;
  /** Of the process since it began, loading included. */
  readonly peakMegabytes: number;
}

export interface DeployedFunction {
  invoke(event: unknown): Promise<Measured>;
  stop(): void;
}

/** Longer than any pass takes; the function itself ends some seconds before. */
const REMAINING_MILLISECONDS = 60_000;

/** Linux hands ru_maxrss on through fork and exec, so that a large parent counts; its own peak a process reads in /proc. */
const RUN = `import { readFileSync } from "node:fs";
const peakKilobytes = () => process.platform === "linux"
  ? Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1])
  : process.resourceUsage().maxRSS;
const { handler } = await import(process.argv[1]);
let said = "";
process.stdout.write = (text) => { said += text; return true; };
const context = { awsRequestId: "bench", functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  getRemainingTimeInMillis: () => ${REMAINING_MILLISECONDS} };
process.on("message", async (event) => {
  said = "";
  const before = process.cpuUsage();
  const answer = await handler(event, context);
  const { user, system } = process.cpuUsage(before);
  const peakMegabytes = peakKilobytes() / 1024;
  process.send({ answer, said, cpuMilliseconds: (user + system) / 1000, peakMegabytes });
});
process.send({ ready: true });`;

/** What the platform would set; references become names. */
export function environmentOf(template: Template, name: string): NodeJS.ProcessEnv {
  const lambda = ofType(template, "AWS::Lambda::Function").find((one) => nameOf(one) === name);
  const variables = Object.entries(at(lambda?.properties, "Environment", "Variables") ?? {});
  const told = variables.map(([key, value]) => [key, typeof value === "string" ? value : `local-${idOf(value)}`]);
  return {
    ...Object.fromEntries(told),
    PATH: process.env.PATH,
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: `lifeguard-production-${name}`,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
  };
}

/** @throws when the bundle does not load, or its process ends before it answers */
export async function startDeployed(bundleFile: string, env: NodeJS.ProcessEnv): Promise<DeployedFunction> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", RUN, "--", bundleFile], {
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const next = () =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`${bundleFile} ended with ${code} and said nothing`));
      child.once("exit", ended);
      child.once("message", (message) => {
        child.off("exit", ended);
        resolve({ ...Object(message) });
      });
    });
  await next();
  return {
    invoke: async (event) => {
      const answered = next();
      child.send(Object(event));
      const { answer, said, cpuMilliseconds, peakMegabytes } = await answered;
      return {
        answer,
        logs: linesOf(String(said)),
        cpuMilliseconds: Number(cpuMilliseconds),
        peakMegabytes: Number(peakMegabytes),
      };
    },
    stop: () => void child.kill(),
  };
}

const linesOf = (text: string): readonly unknown[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): unknown => JSON.parse(line));
