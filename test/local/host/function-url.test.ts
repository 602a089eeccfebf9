/** Function URLs speak Lambda's payload format 2.0, and /events takes any EventBridge event. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { realClock } from "../../../infra/local/clock.ts";
import { serveUrls } from "../../../infra/local/host/function-url.ts";
import { InvocationError, type Lambda } from "../../../infra/local/host/lambda.ts";
import { createAuthority } from "../../../infra/local/tls.ts";

const authority = await createAuthority();

async function ask(answer: () => unknown, path: string, { method = "POST", body = "" } = {}) {
  const seen: { event?: unknown; published?: unknown } = {};
  const lambda: Lambda = {
    name: "audit-received",
    invoke: async (event) => {
      seen.event = event;
      return answer();
    },
  };
  const publish = (event: unknown) => {
    seen.published = event;
    return 2;
  };
  const issued = await authority.issue({ commonName: "test", hosts: ["127.0.0.1"] });
  const server = await serveUrls({ functions: new Map([["/audit", lambda]]), publish }, realClock(), {
    ...issued,
    port: 0,
  });
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; body: string }>();
  const sending = request(`${server.url}${path}`, { method, ca: authority.caPem, agent: false }, (response) => {
    text(response).then((said) => resolve({ code: response.statusCode ?? 0, body: said.trim() }), reject);
  });
  sending.on("error", reject).end(body);
  const answered = await promise;
  await server.stop();
  return { ...answered, ...seen };
}

const fails = (kind: "throttled" | "failed") => () => {
  throw new InvocationError(kind, `it ${kind}`);
};
const cases: { name: string; answer: () => unknown; code: number; body: string }[] = [
  {
    name: "an answer with a status is passed on",
    answer: () => ({ statusCode: 401, body: "no" }),
    code: 401,
    body: "no",
  },
  { name: "any other answer is the JSON of a 200", answer: () => ({ kept: 1 }), code: 200, body: '{"kept":1}' },
  { name: "no answer is null", answer: () => undefined, code: 200, body: "null" },
  { name: "a failure is a 502", answer: fails("failed"), code: 502, body: '{"message":"it failed"}' },
  { name: "a throttle is a 429", answer: fails("throttled"), code: 429, body: '{"message":"it throttled"}' },
];
for (const { name, answer, code, body } of cases) {
  test(name, async () => {
    const answered = await ask(answer, "/audit");
    deepStrictEqual([answered.code, answered.body], [code, body]);
  });
}

test("the function gets method, path, query, headers and body", async () => {
  const { event } = await ask(() => null, "/audit?timeout=30s", { body: "{}" });
  const { requestContext, headers, ...plain } = event as Record<string, Record<string, unknown> | string | boolean>;
  const { version, rawPath, rawQueryString, body, isBase64Encoded } = plain;
  deepStrictEqual(
    [version, rawPath, rawQueryString, body, isBase64Encoded],
    ["2.0", "/audit", "timeout=30s", "{}", false],
  );
  match(JSON.stringify(requestContext), /"method":"POST"/);
  match(JSON.stringify(headers), /"host":"127\.0\.0\.1:/);
});

test("POST /events publishes; what is no JSON or no known path is answered with what to do", async () => {
  const good = await ask(() => null, "/events", { body: '{"source":"aws.ec2"}' });
  deepStrictEqual([good.code, good.published], [202, { source: "aws.ec2" }]);
  strictEqual((await ask(() => null, "/events", { body: "{" })).code, 400);
  const lost = await ask(() => null, "/elsewhere", { method: "GET" });
  strictEqual(lost.code, 404);
  match(lost.body, /POST an EventBridge event to \/events, or use \/audit/);
});
