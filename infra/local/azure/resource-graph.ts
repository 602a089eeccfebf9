/** As much of Resource Graph's query language as somebody needs who looks for scheduled events or scale sets. */
import { ArmError } from "./errors.ts";

type Row = Readonly<Record<string, unknown>>;
type Tables = Readonly<Record<string, () => readonly Row[]>>;

const bad = (part: string) =>
  new ArmError("BadRequest", `Query is invalid: the local Resource Graph does not understand "${part.trim()}".`);

/** "properties.EventStatus": names are exact. */
function valueAt(row: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => new Map(Object.entries(value ?? {})).get(name), row);
}

const textAt = (row: Row, path: string): string => {
  const value = valueAt(row, path);
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
};

const OPERATORS: Readonly<Record<string, (value: string, wanted: readonly string[]) => boolean>> = {
  "==": (value, [wanted]) => value === wanted,
  "!=": (value, [wanted]) => value !== wanted,
  "=~": (value, [wanted = ""]) => value.toLowerCase() === wanted.toLowerCase(),
  "!~": (value, [wanted = ""]) => value.toLowerCase() !== wanted.toLowerCase(),
  "in~": (value, wanted) => wanted.some((one) => one.toLowerCase() === value.toLowerCase()),
  in: (value, wanted) => wanted.includes(value),
  startswith: (value, [wanted = ""]) => value.toLowerCase().startsWith(wanted.toLowerCase()),
  contains: (value, [wanted = ""]) => value.toLowerCase().includes(wanted.toLowerCase()),
};

const CONDITION = /^\s*(?<path>[\w.]+)\s*(?<operator>==|!=|=~|!~|in~|in|startswith|contains)\s*(?<literal>.+)$/s;

function condition(text: string): (row: Row) => boolean {
  const bare = text.replace(/tostring\(([\w.]+)\)/g, "$1");
  const { path, operator, literal = "" } = CONDITION.exec(bare)?.groups ?? {};
  const test = OPERATORS[operator ?? ""];
  const wanted = [...literal.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? "");
  if (!path || !test || wanted.length === 0) throw bad(text);
  return (row) => test(textAt(row, path), wanted);
}

function step(rows: readonly Row[], text: string): readonly Row[] {
  const [, verb = "", rest = ""] = /^\s*([\w-]+)\s*(.*)$/s.exec(text) ?? [];
  if (verb === "where") {
    const tests = rest.split(/\s+and\s+/).map(condition);
    return rows.filter((row) => tests.every((test) => test(row)));
  }
  if (verb === "take" || verb === "limit") return rows.slice(0, Number(rest));
  if (verb === "project") {
    const columns = rest.split(",").map((column) => {
      const [name = "", path = name] = column.split("=").map((part) => part.trim());
      return [name, path] as const;
    });
    return rows.map((row) => Object.fromEntries(columns.map(([name, path]) => [name, valueAt(row, path)])));
  }
  if (verb === "order" || verb === "sort") {
    const path = /^by\s+([\w.]+)/.exec(rest)?.[1] ?? "";
    return [...rows].sort((one, other) => textAt(one, path).localeCompare(textAt(other, path)));
  }
  throw bad(text);
}

/** @throws ArmError BadRequest for what it does not understand */
export function runQuery(query: string, tables: Tables): readonly Row[] {
  const [table = "", ...steps] = query.split("|");
  const rows = tables[table.trim().toLowerCase()];
  if (!rows) throw bad(table);
  return steps.reduce(step, rows());
}
