/** The publishing side of function apps (Kudu): takes a zip, works on it for a look or two, and registers what it finds. */
import { unzipSync } from "fflate";
import { z } from "zod";
import type { Stock } from "./stock.ts";

const BUILDING = 1;
const FAILED = 3;
const SUCCESS = 4;

export interface PublishingReply {
  readonly status: number;
  readonly body: unknown;
}

export interface Publication {
  readonly functionName: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

const manifestSchema = z.object({ main: z.string() });

export function createPublishing(stock: Stock, refuses: (siteId: string) => string | undefined) {
  const published = new Map<string, { readonly siteId: string; readonly zip: Uint8Array; looks: number }>();
  const done: Publication[] = [];

  const finish = (siteId: string, zip: Uint8Array): void => {
    const files = unzipSync(zip);
    const text = new TextDecoder();
    const { main } = manifestSchema.parse(JSON.parse(text.decode(files["package.json"])));
    const functionName = /([\w-]+)\.\w+$/.exec(main)?.[1] ?? "";
    // The host finds nothing in files that it may not read, and says nothing.
    if (files[main] === undefined || files["host.json"] === undefined || !allReadable(zip)) return;
    stock.seed(`${siteId}/functions/${functionName}`, "Microsoft.Web/sites/functions");
    done.push({ functionName, files });
  };
  const look = (id: string): PublishingReply => {
    const one = published.get(id);
    if (!one) return { status: 404, body: { error: { code: "NotFound", message: `no deployment ${id}` } } };
    const refusal = refuses(one.siteId);
    if (refusal !== undefined)
      return { status: 200, body: { id, status: FAILED, status_text: refusal, complete: true } };
    one.looks++;
    if (one.looks === 1)
      return { status: 200, body: { id, status: BUILDING, status_text: "Building", complete: false } };
    if (one.looks === 2) finish(one.siteId, one.zip);
    return { status: 200, body: { id, status: SUCCESS, status_text: "", complete: true } };
  };
  return {
    /** In the order in which they were taken up. */
    done: (): readonly Publication[] => done,
    /** @param path  with its query, as sent to the host of that site */
    answer: (siteId: string, { method, path, type, body }: PublishingRequest): PublishingReply => {
      if (method === "POST" && /^\/api\/publish\?RemoteBuild=false\b/.test(path)) {
        if (type !== "application/zip") return { status: 415, body: "Unsupported Media Type" };
        const id = `deployment-${published.size + 1}`;
        published.set(id, { siteId, zip: body, looks: 0 });
        return { status: 202, body: id };
      }
      const [, id = "", log] = /^\/api\/deployments\/([^/?]+)(\/log)?/.exec(path) ?? [];
      if (log) return { status: 200, body: [{ message: "Preparing deployment." }, { message: refuses(siteId) ?? "" }] };
      return look(id);
    },
  };
}

export interface PublishingRequest {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
}

const CENTRAL_HEADER = 0x02014b50;

/** Every entry of the zip's directory is made on Unix and may be read by everybody. */
function allReadable(zip: Uint8Array): boolean {
  const bytes = Buffer.from(zip);
  let readable = 0;
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (bytes.readUInt32LE(at) !== CENTRAL_HEADER) continue;
    const isUnix = bytes[at + 5] === 3;
    if (!isUnix || ((bytes.readUInt32LE(at + 38) >>> 16) & 0o444) !== 0o444) return false;
    readable++;
  }
  return readable > 0;
}
