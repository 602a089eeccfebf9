/** Reads a checklist beside the tests and says where it no longer tells the truth: each id has a test by that name, or a reason. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface ChecklistRow {
  readonly id: string;
  /** Relative to the checklist; "-" when there is no test. */
  readonly file: string;
  /** The test's name, letter for letter; without a file the reason why there is none. */
  readonly text: string;
}

/**
 * Rows are lines of a Markdown table with three cells: id, test file or "-", test name or reason. One id may have
 * several rows, for several tests.
 */
export function readChecklist(markdown: string): ChecklistRow[] {
  return markdown.split("\n").flatMap((line) => {
    const cells = /^\|([^|]*)\|([^|]*)\|([^|]*)\|\s*$/.exec(line)?.slice(1);
    const [id = "", file = "", text = ""] = (cells ?? []).map((cell) => cell.trim().replaceAll("`", ""));
    return /^[A-Z]*\d+[a-z]?$/.test(id) ? [{ id, file, text }] : [];
  });
}

/** "A1-A22" and "A3" -> ids; the letter must be repeated, so that a range reads as it is meant. */
export function expandIds(ranges: readonly string[]): string[] {
  return ranges.flatMap((range) => {
    const [, letter = "", from = "", to = from] = /^([A-Z]*)(\d+)(?:-\1(\d+))?$/.exec(range) ?? [];
    if (!from) throw new Error(`"${range}" is no range of ids such as "A1-A22"`);
    const length = Number(to) - Number(from) + 1;
    return Array.from({ length }, (_, index) => `${letter}${Number(from) + index}`);
  });
}

/**
 * @param path  the checklist, e.g. new URL("checklist.md", import.meta.url).pathname
 * @param ids   every id that has to be answered, e.g. expandIds(["A1-A22"])
 * @returns     one sentence per problem; empty when the checklist holds
 */
export function checklistProblems(path: string, ids: readonly string[]): string[] {
  const rows = readChecklist(readFileSync(path, "utf8"));
  const answered = new Set(rows.map((row) => row.id));
  const missing = ids.filter((id) => !answered.has(id)).map((id) => `${id} is not answered`);
  const unknown = rows.filter(({ id }) => !ids.includes(id)).map(({ id }) => `${id} is no id of this checklist`);
  return [...missing, ...unknown, ...rows.flatMap((row) => rowProblems(dirname(path), row))];
}

function rowProblems(folder: string, { id, file, text }: ChecklistRow): string[] {
  if (file === "-") return text.length >= 10 ? [] : [`${id} has neither a test nor a reason`];
  const source = sourceOf(join(folder, file));
  if (source === undefined) return [`${id}: there is no file ${file}`];
  const quoted = ['"', "'", "`"].some((quote) => source.includes(`${quote}${text}${quote}`));
  return quoted ? [] : [`${id}: ${file} has no test named "${text}"`];
}

function sourceOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
