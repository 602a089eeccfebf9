/** S3's own wire form: the operation is in method and path (`/bucket/key`, since a loopback address carries no bucket), answers are XML or the object. */
import { XMLBuilder } from "fast-xml-parser";
import type { Reply } from "../listen.ts";
import type { Answer } from "./action.ts";
import { AwsError } from "./errors.ts";
import type { Raw, Request } from "./wire.ts";

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" });
const xmlHeaders = { "content-type": "application/xml" };
const NAME_SPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** @throws AwsError when it is none of the operations that are known here */
export function readObjectCall({ method, url, headers, bytes }: Raw): Pick<Request, "action" | "parameters"> {
  const [, Bucket = "", path = ""] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
  const at = { Bucket, Key: decodeURIComponent(path) };
  const query = Object.fromEntries(url.searchParams);
  if (method === "PUT" && path) {
    const encryption = headers["x-amz-server-side-encryption"];
    return { action: "PutObject", parameters: { ...at, Body: bytes, ServerSideEncryption: encryption } };
  }
  if (method === "DELETE" && path) return { action: "DeleteObject", parameters: at };
  if (method === "GET" && path) return { action: "GetObject", parameters: { ...at, ...presigned(query) } };
  if (method === "GET" && query["list-type"] === "2") {
    const parameters = {
      Bucket,
      Prefix: query.prefix,
      MaxKeys: query["max-keys"],
      ContinuationToken: query["continuation-token"],
    };
    return { action: "ListObjectsV2", parameters };
  }
  throw new AwsError(
    "NotImplemented",
    `The local S3 does not know ${method} ${url.pathname}: see infra/local/aws.`,
    501,
  );
}

function presigned({ "X-Amz-Date": date = "", "X-Amz-Expires": seconds }: Readonly<Record<string, string>>) {
  if (seconds === undefined) return {};
  return { SignedAt: new Date(date.replace(DATE, "$1-$2-$3T$4:$5:$6Z")), ExpiresSeconds: seconds };
}

export function writeObjectAnswer(action: string, answer: Answer): Reply {
  if (action === "DeleteObject") return { status: 204, headers: {}, body: "" };
  if (action === "PutObject") return { status: 200, headers: { etag: String(answer.ETag) }, body: "" };
  if (answer.Body instanceof Uint8Array)
    return { status: 200, headers: { "content-type": "binary/octet-stream" }, body: answer.Body };
  return {
    status: 200,
    headers: xmlHeaders,
    body: xml.build({ ListBucketResult: { "@xmlns": NAME_SPACE, ...plain(answer) } }),
  };
}

/** Lists stand as repeated elements without an element around them. */
const plain = (answer: Answer): object =>
  Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? value.map((one: Answer) => plain(one))
        : value instanceof Date
          ? value.toISOString()
          : value,
    ]),
  );

export function writeObjectError({ code, message, status }: AwsError, requestId: string): Reply {
  const body = xml.build({ Error: { Code: code, Message: message, RequestId: requestId } });
  return { status, headers: xmlHeaders, body };
}
