/** Every source file of the project as text with its imports, as the architecture rules read it. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Import {
  /** Counted from 1. */
  readonly line: number;
  readonly specifier: string;
  /** Relative imports: the file from the root, e.g. "lib/api/key.ts". */
  readonly file?: string;
  /** Other imports: the package, e.g. "@aws-sdk/client-sqs", or "node:fs". */
  readonly packageName?: string;
  /** Only a type crosses: erased before it runs. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
}

// The formatter puts every import at the start of a line, so text is enough: no compiler, no strings taken for imports.
const FROM =
  /^(?:import|export)\b(?<type> type\b)?(?<names>[^"';=]*?)\bfrom\s*["'](?<from>[^"']+)["']|^import\s*["'](?<bare>[^"']+)["']|\b(?:import|require|resolve)\(\s*["'](?<call>[^"']+)["']/gm;

export const sourceOf = (file: string, text: string): Source => ({
  path: file,
  lines: text.split("\n"),
  imports: [...text.matchAll(FROM)].flatMap((match) => {
    const { type, names = "", from, bare, call } = match.groups ?? {};
    const specifier = from ?? bare ?? call;
    if (!specifier) return [];
    const line = text.slice(0, match.index).split("\n").length;
    return [{ line, specifier, typeOnly: type !== undefined || onlyTypes(names), ...targetOf(file, specifier) }];
  }),
});

function onlyTypes(names: string): boolean {
  const listed =
    /^[^{]*\{([^}]*)\}\s*$/
      .exec(names)?.[1]
      ?.split(",")
      .filter((name) => name.trim() !== "") ?? [];
  return listed.length > 0 && listed.every((name) => name.trim().startsWith("type "));
}

function targetOf(from: string, specifier: string): { readonly file: string } | { readonly packageName: string } {
  if (specifier.startsWith(".")) return { file: path.posix.join(path.posix.dirname(from), specifier) };
  const parts = specifier.split("/");
  return { packageName: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/") };
}

const isSource = (name: string) => /\.(ts|cjs|mjs|js)$/.test(name);

/** All sources under these folders of the root, sorted by path. */
export function readSources(root: string, folders: readonly string[]): readonly Source[] {
  return folders
    .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && isSource(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("node_modules"))
    .map((file) => sourceOf(path.relative(root, file).split(path.sep).join("/"), readFileSync(file, "utf8")))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
