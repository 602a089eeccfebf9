/** The small Ignition config that names the whole one, version by version. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsIgnition } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { isTooOldFor, pointerTo, sourceOf } from "../../../../lib/providers/aws/pool/ignition.ts";

const SOURCE = "s3://bucket/machine-pool/workers-a/5eb6";
const merge = [{ source: SOURCE }];
const proxy = { httpProxy: "http://proxy:3128", httpsProxy: "http://proxy:3128", noProxy: ["169.254.169.254"] };

const pointers: { name: string; ignition: AwsIgnition; want: object }[] = [
  { name: "without a version it is 2.3", ignition: {}, want: { version: "2.3.0", config: { append: merge } } },
  { name: "2.3 appends", ignition: { version: "2.3" }, want: { version: "2.3.0", config: { append: merge } } },
  { name: "3.0 merges", ignition: { version: "3.0" }, want: { version: "3.0.0", config: { merge } } },
  { name: "3.4 merges", ignition: { version: "3.4" }, want: { version: "3.4.0", config: { merge } } },
  {
    name: "the proxy is named too",
    ignition: { version: "3.1", proxy },
    want: { version: "3.1.0", config: { merge }, proxy },
  },
  {
    name: "and who vouches for it",
    ignition: { version: "3.2", tls: { certificateAuthorities: ["https://ca/a.pem", "data:,x"] } },
    want: {
      version: "3.2.0",
      config: { merge },
      security: { tls: { certificateAuthorities: [{ source: "https://ca/a.pem" }, { source: "data:,x" }] } },
    },
  },
  {
    name: "an empty list vouches for nothing",
    ignition: { version: "3.2", tls: { certificateAuthorities: [] } },
    want: { version: "3.2.0", config: { merge } },
  },
];
for (const { name, ignition, want } of pointers) {
  test(`pointer: ${name}`, () => {
    const pointer = pointerTo(SOURCE, ignition);
    assert.deepEqual(JSON.parse(pointer), { ignition: want });
    assert.equal(sourceOf(Buffer.from(pointer).toString("base64"))?.href, SOURCE);
  });
}

test("what names nothing has no source", () => {
  for (const text of ["", "#cloud-config", '{"ignition":{"version":"3.4.0"}}', '{"source":"no url"}'])
    assert.equal(sourceOf(Buffer.from(text).toString("base64")), undefined, text);
});

test("proxy and tls are known from 3.1 on", () => {
  const knows = (version: AwsIgnition["version"]) =>
    ![{ proxy }, { tls: {} }].some((one) => isTooOldFor({ ...(version && { version }), ...one }));
  assert.deepEqual(
    [undefined, "2.3", "3.0", "3.1", "3.4"].map((one) => knows(one as "3.1")),
    [false, false, false, true, true],
  );
  assert.equal(isTooOldFor({ version: "2.3" }), false);
});
