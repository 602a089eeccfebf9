/** No AWS client waits for ever: not for a server that accepts and says nothing. */
import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { timeLimits } from "../../../../functions/aws/runtime/clients.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

test("a server that accepts and never answers costs one limit a try", async (t) => {
  let tries = 0;
  const server = createServer((socket) => {
    tries++;
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const client = new SQSClient({
    ...timeLimits(50),
    maxAttempts: 2,
    region: "eu-west-1",
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await rejects(client.send(new ListQueuesCommand({})), { name: "TimeoutError" });
  deepStrictEqual(tries, 2, "a timeout is a reason to try again");
  client.destroy();
});

test("every client that a function makes has the limits", () => {
  const made = globSync("{functions/aws,lib/providers/aws}/**/*.ts", { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(`${ROOT}/${file}`, "utf8").matchAll(/new [^;\n]*?\w+Client\)?\(([^)]*)/g)].map(
      ([whole, settings = ""]) => ({ file, whole, settings }),
    ),
  );
  ok(made.length > 8, `${made.length} found`);
  deepStrictEqual(
    made.filter(({ settings }) => !/^(timeLimits\(|access$)/.test(settings)),
    [],
  );
});
