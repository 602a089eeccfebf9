/** Azure's nested errors as lines: codes, messages and details to any depth, with what providers pack as JSON into text. */
import * as z from "zod";

const error = z.looseObject({
  code: z.string().optional(),
  message: z.string().optional(),
  target: z.string().optional(),
  details: z.array(z.unknown()).optional(),
  innererror: z.unknown().optional(),
  additionalInfo: z.array(z.unknown()).optional(),
});

const INDENT = "  ";

/** @param value  an error, `{error}` around it, or JSON text of either; anything else is shown as it is */
export function errorLines(value: unknown, depth = 0): readonly string[] {
  const inside = unwrapped(value);
  const { data } = error.safeParse(inside);
  if (!data || (data.code === undefined && data.message === undefined))
    return [`${INDENT.repeat(depth)}${shown(inside)}`];
  const { code, message = "", target, details = [], innererror, additionalInfo = [] } = data;
  const packed = packedError(message);
  const head = [code, target === undefined ? undefined : `(${target})`, packed ? undefined : message];
  return [
    `${INDENT.repeat(depth)}${head
      .filter(Boolean)
      .join(" ")
      .replaceAll("\n", `\n${INDENT.repeat(depth + 1)}`)}`,
    ...[packed, ...details, innererror, ...additionalInfo]
      .filter((one) => one !== undefined && one !== null)
      .flatMap((one) => errorLines(one, depth + 1)),
  ];
}

function unwrapped(value: unknown): unknown {
  const text = typeof value === "string" ? packedError(value) : undefined;
  const inner = text ?? value;
  const wrapper = z.looseObject({ error: z.looseObject({}) }).safeParse(inner);
  return wrapper.success ? wrapper.data.error : inner;
}

/** Resource providers' own errors come as text inside of Resource Manager's. */
function packedError(message: string): unknown {
  if (!message.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

const shown = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));
