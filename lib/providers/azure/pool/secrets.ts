/** Ways into a machine that nobody shall use: Azure demands one, so it gets one that is thrown away. */
import { generateKeyPairSync, randomBytes } from "node:crypto";

const PASSWORD_LENGTH = 123;
const MODULUS_BITS = 2048;

/** Has a letter of each kind that Windows asks for. */
export function throwawayPassword(): string {
  const letters = randomBytes(PASSWORD_LENGTH).toString("base64url");
  return `aA1-${letters}`.slice(0, PASSWORD_LENGTH);
}

/** The public half of a key, as a line of authorized_keys; the private half is kept nowhere. */
export function throwawayKey(): string {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: MODULUS_BITS });
  const { e = "", n = "" } = publicKey.export({ format: "jwk" });
  const parts = [Buffer.from("ssh-rsa"), Buffer.from(e, "base64url"), signed(Buffer.from(n, "base64url"))];
  return `ssh-rsa ${Buffer.concat(parts.map(counted)).toString("base64")} none`;
}

/** RFC 4251: a number whose first bit is set gets a zero in front. */
const signed = (number: Buffer): Buffer =>
  ((number[0] ?? 0) & 0x80) === 0 ? number : Buffer.concat([Buffer.from([0]), number]);

function counted(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return Buffer.concat([length, part]);
}
