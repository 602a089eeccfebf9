/** The local host runs what is deployed: every function file, with its triggers, as infra/aws says. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rateSeconds, readDeployment } from "../../../infra/local/host/deployment.ts";
import { ROOT } from "../../../infra/local/manifests.ts";

const settings = { root: ROOT, region: "eu-west-1", queueUrl: (queue: string) => `https://sqs/${queue}` };
const read = (environment: Record<string, string> = {}) => readDeployment({ ...settings, environment });
const find = (name: string) => read().functions.find((one) => one.name === name);

test("every deployed function has its file, and every function file is deployed", () => {
  const names = read().functions.map(({ name, handler }) => {
    ok(existsSync(join(ROOT, handler.replace(/\.handler$/, ".ts"))), handler);
    return name;
  });
  const files = readdirSync(join(ROOT, "functions/aws")).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []);
  deepStrictEqual(names.toSorted(), files.filter((file) => file !== "entry" && file !== "middleware").toSorted());
});

test("every function but the audit webhook's is started by something", () => {
  const idle = read().functions.filter(
    ({ patterns, queues, everySeconds }) => patterns.length + queues.length + everySeconds.length === 0,
  );
  deepStrictEqual(
    idle.map(({ name, hasUrl }) => ({ name, hasUrl })),
    [{ name: "audit-received", hasUrl: true }],
  );
});

test("queues, dead letters and the shell's settings are read as they are deployed", () => {
  deepStrictEqual(find("drain-continued")?.queues[0]?.queue, "Looks");
  strictEqual(find("asg-instance-terminating")?.environment.LIFEGUARD_QUEUE_URL, "https://sqs/Looks");
  strictEqual(find("asg-instance-terminating")?.deadLetterQueue, "EventDeadLetters");
  deepStrictEqual(find("overdue-swept")?.everySeconds, [60]);
  const { queues } = read();
  const looks = queues.find(({ name }) => name === "Looks");
  deepStrictEqual(looks?.redrive?.queue, "LooksDeadLetters");
  ok(queues.some(({ name }) => name === looks?.redrive?.queue));
  const prefixed = read({ LIFEGUARD_HOOK_PREFIX: "other-" }).functions.find(({ patterns }) => patterns.length > 0);
  ok(JSON.stringify(prefixed?.patterns).includes('"prefix":"other-"'));
});

const rates: { schedule: string; seconds: number }[] = [
  { schedule: "rate(1 minute)", seconds: 60 },
  { schedule: "rate(5 minutes)", seconds: 300 },
  { schedule: "rate(2 hours)", seconds: 7_200 },
];
for (const { schedule, seconds } of rates)
  test(`${schedule} is ${seconds} s`, () => strictEqual(rateSeconds(schedule), seconds));
test("a cron line is refused, not ignored", () => {
  throws(() => rateSeconds("cron(0 12 * * ? *)"), /cron/);
});
