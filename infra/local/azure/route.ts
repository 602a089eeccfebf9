/** One operation of ARM: where it is, what a role must allow for it, and what it does. */
import type { Json } from "./json.ts";
import type { Operation } from "./operations.ts";

export interface ArmRequest {
  /** "PUT /subscriptions/..." without query; the path as the caller spelled it. */
  readonly path: string;
  /** Filled from the route's pattern: subscription, group, name, id ... */
  readonly names: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** The application that called. */
  readonly caller: string;
}

export interface ArmReply {
  readonly status: number;
  /** Absent: none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Runs on; the answer tells where to ask. */
  readonly operation?: Operation;
}

export interface Route {
  readonly method: "GET" | "PUT" | "PATCH" | "POST" | "DELETE";
  /** "/subscriptions/{subscription}/resourceGroups/{group}"; literals match in any case. */
  readonly pattern: string;
  /** "Microsoft.Compute/virtualMachineScaleSets/write"; absent: everybody may. */
  readonly action?: string;
  readonly run: (request: ArmRequest) => ArmReply;
}

export const ok = (body: Json): ArmReply => ({ status: 200, body });

const escaped = (literal: string) => literal.replace(/[.*+?^$()|[\]\\]/g, "\\$&");

const compiled = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const source = pattern
    .split(/(\{\w+\*?\})/)
    .map((part) => {
      const name = /^\{(\w+)(\*?)\}$/.exec(part);
      if (!name) return escaped(part);
      return name[2] ? `(?<${name[1]}>.+?)` : `(?<${name[1]}>[^/]+)`;
    })
    .join("");
  const made = new RegExp(`^${source}/?$`, "i");
  compiled.set(pattern, made);
  return made;
}

/** @returns what the pattern's names stand for; undefined: another path. "{scope*}" takes several segments. */
export function match(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const found = expressionOf(pattern).exec(path);
  if (!found) return undefined;
  return Object.fromEntries(
    Object.entries({ ...found.groups }).map(([key, value]) => [key, decodeURIComponent(value)]),
  );
}
