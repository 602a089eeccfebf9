/** The checksum that SQS sends along with every body. */
import { createHash } from "node:crypto";

export const md5 = (text: string) => createHash("md5").update(text).digest("hex");
