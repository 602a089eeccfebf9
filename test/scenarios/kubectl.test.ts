/** A person with the real kubectl: watches a drain, and cancels one. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAMESPACE } from "../../infra/local/stories/stage.ts";
import { type Event, events } from "../../lib/api/kubernetes/event.ts";
import { kubectl, kubectlPath } from "../support/kubectl.ts";
import { assertKept, cordonedNodes, DRAINED, logsOf, scaleIn, scenario, terminations, untilOver } from "./scene.ts";

const KIND = "instanceterminations";

/** A kubectl that watches until it is told to stop. */
async function startWatching(kubeconfig: string, ...args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "lifeguard-watch-"));
  await writeFile(join(folder, "config"), kubeconfig, { mode: 0o600 });
  const env = { HOME: folder, KUBECONFIG: join(folder, "config") };
  const command = [...args, "--watch", "--no-headers"];
  const child = spawn(await kubectlPath(), command, { env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (text) => {
    printed += String(text);
  });
  const stop = async () => {
    child.kill();
    await once(child, "close");
    await rm(folder, { recursive: true });
  };
  return { printed: () => printed, stop };
}

scenario("get -w shows the phases of a drain and how many pods remain", async (scene) => {
  const { management } = scene.stage.cloud;
  const person = management.kubeconfig("person", ["system:masters"]);
  const watching = await startWatching(person, "-n", NAMESPACE, "get", KIND);
  const isWatching = () => management.calls.some(({ who, what }) => who === "person" && what === `WATCH ${KIND}`);
  try {
    ok(await scene.clock.run({ maxSeconds: 3_600, done: isWatching }));
    await scaleIn(scene);
    assertKept(await untilOver(scene), DRAINED);
    ok(await scene.clock.run({ maxSeconds: 3_600, done: () => watching.printed().includes("Released") }));
  } finally {
    await watching.stop();
  }
  const lines = watching.printed().trim().split("\n");
  const phases = lines.map((line) => /(Draining|DetachingVolumes|Releasing|Released)/.exec(line)?.[1]);
  const inOrder = phases.filter((phase, index) => phase !== undefined && phase !== phases[index - 1]);
  deepStrictEqual(inOrder, ["Draining", "DetachingVolumes", "Releasing", "Released"]);
  match(watching.printed(), /shop-workers +ip-10-0-1-\d+\S* +TerminationHook +Draining +3/);
});

scenario(
  "delete cancels: the Node is schedulable again, the hold is left to the cloud, and somebody says so",
  async (scene) => {
    const { management, aws, cluster } = scene.stage.cloud;
    await scaleIn(scene);
    await scene.clock.run({ maxSeconds: 5 });
    const [record] = terminations(scene);
    strictEqual(cordonedNodes(scene).length, 1);
    const deleted = await kubectl(
      management.admin,
      "-n",
      NAMESPACE,
      "delete",
      KIND,
      record?.metadata.name ?? "",
      "--wait=false",
    );
    strictEqual(deleted.code, 0, deleted.stderr);
    ok(await scene.clock.run({ maxSeconds: 60, done: () => terminations(scene).length === 0 }), "the record stays");
    deepStrictEqual(cordonedNodes(scene), []);
    strictEqual(aws.cloud.waiting().length, 1, "the hold was ended");
    const told: Event[] = [];
    for await (const page of management.client.list<Event>(events, { namespace: NAMESPACE })) told.push(...page);
    ok(
      told.some(({ message }) => /hook|hold/i.test(message)),
      `nobody says that the hold is left to the cloud: ${JSON.stringify(told.map(({ reason, message }) => [reason, message]))}`,
    );
    ok(logsOf(scene, "drain-continued").length > 0);
    ok(cluster.endings.every(({ how }) => how === "graceful"));
  },
);
