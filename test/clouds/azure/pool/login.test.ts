/** Ways into new machines: the key that the spec names, or one that nobody has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createParameters, withLogin } from "../../../../lib/providers/azure/pool/parameters.ts";
import { throwawayKey, throwawayPassword } from "../../../../lib/providers/azure/pool/secrets.ts";
import { KEY_LINE, type Overrides } from "./objects.ts";
import { aRequest, aWish } from "./sights.ts";

const SECRETS = { password: () => "made-up", sshKey: () => "ssh-rsa made-up" };
const loginOf = async (overrides: Overrides) => {
  const { pool } = await aRequest(overrides);
  const parameters = createParameters(await aWish(overrides), pool.spec, { networkProfile: {} });
  return withLogin(parameters, SECRETS).virtualMachineProfile?.osProfile;
};

test("a way in is the spec's key, or one that nobody has", async () => {
  const path = "/home/capi/.ssh/authorized_keys";
  const keys = async (overrides: Overrides) => (await loginOf(overrides))?.linuxConfiguration?.ssh?.publicKeys;
  assert.deepEqual(await keys({}), [{ path, keyData: KEY_LINE }]);
  assert.deepEqual(await keys({ template: { sshPublicKey: "" } }), [{ path, keyData: "ssh-rsa made-up" }]);
  const windows = await loginOf({ template: { osDisk: { osType: "Windows" }, sshPublicKey: "" } });
  assert.equal(windows?.adminPassword, "made-up");
  assert.equal(windows?.linuxConfiguration, undefined);
});

test("what is made up is of the form that Azure asks for, and never the same twice", () => {
  const password = throwawayPassword();
  assert.equal(password.length, 123);
  assert.ok([/[a-z]/, /[A-Z]/, /\d/, /[-_]/].every((kind) => kind.test(password)));
  assert.notEqual(password, throwawayPassword());
  const [type, blob = ""] = throwawayKey().split(" ");
  const bytes = Buffer.from(blob, "base64");
  assert.equal(type, "ssh-rsa");
  assert.equal(bytes.subarray(4, 11).toString(), "ssh-rsa");
  // Exponent 65537 in three bytes, then a modulus of 2048 bits whose first bit would make it negative.
  assert.deepEqual([...bytes.subarray(11, 18)], [0, 0, 0, 3, 1, 0, 1]);
  assert.deepEqual([...bytes.subarray(18, 23)], [0, 0, 1, 1, 0]);
});
