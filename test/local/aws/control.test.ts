/** The control paths, and requests that no SDK would send. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { request } from "node:https";
import test from "node:test";
import { SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { jumpClock } from "./jump-clock.ts";
import { GROUP, only, type Rig, startGroup, startRig } from "./rig.ts";

async function post(
  rig: Rig,
  path: string,
  content: unknown = {},
  method = "POST",
): Promise<{ status: number; body: string }> {
  return await new Promise((resolve, reject) => {
    const sent = request(`${rig.aws.endpoint}${path}`, { method, agent: rig.httpsAgent }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on("error", reject).end(method === "POST" ? JSON.stringify(content) : undefined);
  });
}

test("POST /_fault injects, /_log lists the calls", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1 });
  await post(rig, "/_fault", { action: "SetDesiredCapacity", code: "Throttling" });
  await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 0 }));
  const calls = JSON.parse((await post(rig, "/_log")).body) as readonly {
    readonly what: string;
    readonly code: number;
  }[];
  deepStrictEqual(
    calls.slice(-2).map(({ what, code }) => `${what} ${code}`),
    ["SetDesiredCapacity 400", "SetDesiredCapacity 200"],
  );
});

test("POST /_reclaim warns a Spot instance", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1 });
  const instanceId = only(rig.cloud.instances()).id;
  strictEqual((await post(rig, "/_reclaim", { instanceId })).status, 200);
  strictEqual(rig.events.at(-1)?.["detail-type"], "EC2 Spot Instance Interruption Warning");
});

for (const { name, path, content, status, says } of [
  { name: "an unknown control path", path: "/_nope", content: {}, status: 404, says: /there are \/_fault/ },
  {
    name: "a fault with a field that does not exist",
    path: "/_fault",
    content: { colour: "red" },
    status: 400,
    says: /colour/,
  },
  {
    name: "an unknown instance",
    path: "/_reclaim",
    content: { instanceId: "i-1" },
    status: 400,
    says: /does not exist/,
  },
  { name: "an unsigned request", path: "/", content: {}, status: 403, says: /MissingAuthenticationToken/ },
]) {
  test(`answered, not swallowed: ${name}`, async (context) => {
    const answer = await post(await startRig(context), path, content);
    strictEqual(answer.status, status);
    match(answer.body, says);
  });
}

test("a pre-signed GET tells who the caller is, as EKS asks it", async (context) => {
  const rig = await startRig(context);
  const scope = encodeURIComponent("AKIATEST/20261120/eu-west-1/sts/aws4_request");
  const query = `Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=${scope}&X-Amz-Signature=0`;
  const { status, body } = await post(rig, `/?${query}`, undefined, "GET");
  strictEqual(status, 200);
  match(body, /<GetCallerIdentityResult>.*<Account>210987654321<\/Account>/);
});

test("time is held while a request is under way, and never longer", async (context) => {
  let held = 0;
  const hold = () => {
    held++;
    return () => void held--;
  };
  const rig = await startRig(context, { ...jumpClock(new Date("2026-11-20T08:00:00Z")), hold });
  const during: number[] = [];
  rig.cloud.onEvent(() => void during.push(held));
  await startGroup(rig, { DesiredCapacity: 0 });
  await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 1 }));
  await rig.aws.close();
  deepStrictEqual([during, held], [[1], 0]);
});
