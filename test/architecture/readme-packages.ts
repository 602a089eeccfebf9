/** Reads the package table of the README: under the heading "Packages", package names as code in each row's first cell. */

/**
 * @param readme  Markdown; rows such as "| `zod`, `fast-check` | the reason |"
 * @throws        when there is no such heading or no row below it
 */
export function packagesListedIn(readme: string): readonly string[] {
  const section = /^#+ Packages\b.*\n([\s\S]*?)(?=^#+ |(?![\s\S]))/m.exec(readme)?.[1];
  if (section === undefined) throw new Error('README.md has no heading "Packages"');
  const names = section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
  if (names.length === 0)
    throw new Error('README.md has no table under "Packages" with package names as `code` in its first column');
  return names;
}
