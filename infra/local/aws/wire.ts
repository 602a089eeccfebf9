/** The wire forms of AWS that we speak (query, EC2 query, JSON, and S3's own in s3-wire.ts): request to operation and parameters, answer to text. */
import { XMLBuilder } from "fast-xml-parser";
import type { Reply } from "../listen.ts";
import type { Answer } from "./action.ts";
import { AwsError } from "./errors.ts";
import { readObjectCall, writeObjectAnswer, writeObjectError } from "./s3-wire.ts";

export interface Request {
  /** Signing name: "autoscaling", "ec2" ... */
  readonly service: string;
  readonly accessKey: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Raw {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url: URL;
  readonly bytes: Uint8Array;
}

type Tree = { [name: string]: Tree | string };

const UNSIGNED = "Sign the request: its credential scope names the service.";
const XML_NAMES: Readonly<Record<string, string>> = {
  autoscaling: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  ec2: "http://ec2.amazonaws.com/doc/2016-11-15/",
};
/** EC2 names some members unlike their shape; all others only lose their capital. */
const EC2_NAMES: Readonly<Record<string, string>> = {
  Reservations: "reservationSet",
  Instances: "instancesSet",
  TerminatingInstances: "instancesSet",
  Tags: "tagSet",
  State: "instanceState",
  TagSpecifications: "tagSpecificationSet",
  SecurityGroupIds: "securityGroupIdSet",
  BlockDeviceMappings: "blockDeviceMappingSet",
  LaunchTemplateVersions: "launchTemplateVersionSet",
  Images: "imagesSet",
  Subnets: "subnetSet",
  InstanceTypes: "instanceTypeSet",
};

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" });

/** @throws AwsError when nothing says which service is meant (the request is not signed), or the body is not JSON */
export function readRequest(raw: Raw): Request {
  const { headers, url } = raw;
  const signed = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization));
  const scope = url.searchParams.get("X-Amz-Credential")?.split("/");
  const [accessKey, service] = signed ? [signed[1], signed[2]] : [scope?.[0], scope?.[3]];
  if (!accessKey || !service) throw new AwsError("MissingAuthenticationToken", UNSIGNED, 403);
  if (service === "s3") return { service, accessKey, ...readObjectCall(raw) };
  const body = Buffer.from(raw.bytes).toString("utf8");
  if (XML_NAMES[service]) {
    const { Action, ...parameters } = readQuery(new URLSearchParams(body || url.search), service === "ec2");
    return { service, accessKey, action: String(Action), parameters };
  }
  const action = String(headers["x-amz-target"]).split(".").at(-1) ?? "";
  return { service, accessKey, action, parameters: readJson(body || "{}") };
}

function readJson(body: string): Readonly<Record<string, unknown>> {
  try {
    return { ...Object(JSON.parse(body)) };
  } catch (error) {
    throw new AwsError("SerializationException", String(error));
  }
}

/** "A.member.1.B=x" is { A: [{ B: "x" }] }; an empty value counts as absent; EC2 lists get the plural that the SDK uses. */
function readQuery(form: URLSearchParams, plural: boolean): Readonly<Record<string, unknown>> {
  const root: Tree = {};
  for (const [path, value] of form) {
    if (value === "") continue;
    const names = path.split(".").filter((name) => name !== "member");
    const last = names.pop() ?? path;
    let place = root;
    for (const name of names) {
      const inner = place[name];
      const next: Tree = typeof inner === "object" ? inner : {};
      place[name] = next;
      place = next;
    }
    place[last] = value;
  }
  return unfoldMembers(root, plural);
}

const isList = (tree: Tree) => Object.keys(tree).every((name) => /^\d+$/.test(name));

function unfoldMembers(tree: Tree, plural: boolean): Readonly<Record<string, unknown>> {
  const named = (name: string, value: Tree | string) =>
    plural && typeof value === "object" && isList(value) && !name.endsWith("s") ? `${name}s` : name;
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [named(name, value), unfold(value, plural)]));
}

function unfold(value: Tree | string, plural: boolean): unknown {
  if (typeof value === "string") return value;
  return isList(value) ? Object.values(value).map((one) => unfold(one, plural)) : unfoldMembers(value, plural);
}

/** An SDK-shaped answer as XML's builder wants it. */
function fold(value: unknown, ec2: boolean): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return { [ec2 ? "item" : "member"]: value.map((one) => fold(one, ec2)) };
  if (typeof value !== "object" || value === null) return value;
  const name = (key: string) => (ec2 ? (EC2_NAMES[key] ?? key.charAt(0).toLowerCase() + key.slice(1)) : key);
  const given = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(given.map(([key, member]) => [name(key), fold(member, ec2)]));
}

/** JSON services want times as seconds. */
const asJson = (answer: unknown) =>
  JSON.stringify(answer, function (this: Record<string, unknown>, key: string, value: unknown) {
    const given = this[key];
    return given instanceof Date ? given.getTime() / 1000 : value;
  });

const jsonHeaders = { "content-type": "application/x-amz-json-1.1" };
const xmlHeaders = { "content-type": "text/xml" };

export function writeAnswer({ service, action }: Request, answer: Answer, requestId: string): Reply {
  if (service === "s3") return writeObjectAnswer(action, answer);
  const space = XML_NAMES[service];
  if (!space) return { status: 200, headers: jsonHeaders, body: asJson(answer) };
  const ec2 = service === "ec2";
  const content = fold(answer, ec2);
  const inner = ec2
    ? { requestId, ...Object(content) }
    : { [`${action}Result`]: content, ResponseMetadata: { RequestId: requestId } };
  const body = xml.build({ [`${action}Response`]: { "@xmlns": space, ...inner } });
  return { status: 200, headers: xmlHeaders, body };
}

export function writeError(service: string, error: AwsError, requestId: string): Reply {
  const { code, message, status } = error;
  if (service === "s3") return writeObjectError(error, requestId);
  if (service === "ec2") {
    const body = xml.build({ Response: { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId } });
    return { status, headers: xmlHeaders, body };
  }
  if (XML_NAMES[service]) {
    const said = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
    return { status, headers: xmlHeaders, body: xml.build({ ErrorResponse: { Error: said, RequestId: requestId } }) };
  }
  /** SQS was a query service once: its SDK still reads the old code from this header. */
  const old = service === "sqs" ? { "x-amzn-query-error": `${code};${status < 500 ? "Sender" : "Receiver"}` } : {};
  const type =
    code === "AWS.SimpleQueueService.NonExistentQueue" ? "QueueDoesNotExist" : (code.split(".").at(-1) ?? code);
  return { status, headers: { ...jsonHeaders, ...old }, body: JSON.stringify({ __type: type, message }) };
}
