/** An esbuild plugin: of the compute client's sixty groups of operations only those that our sources name go into a bundle. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "esbuild";

const CLIENT = /@azure[\\/]arm-compute[\\/]dist[\\/]esm[\\/]computeManagementClient\.js$/;
/** The client makes every group in its constructor, so no bundler may drop one. */
const GROUP = /this\.(\w+) =\s*_get\w+Operations\(this\._client\);/g;
const SOURCES = ["lib/providers/azure", "functions/azure"];

/** @param root  where lib/ and functions/ are */
export const computeGroups = (root: string): Plugin => ({
  name: "compute-groups",
  setup: (build) => {
    const named = wordsIn(root);
    build.onLoad({ filter: CLIENT }, ({ path: file }) => ({
      loader: "js",
      contents: readFileSync(file, "utf8").replace(GROUP, (made, group: string) => (named.has(group) ? made : "")),
    }));
  },
});

function wordsIn(root: string): ReadonlySet<string> {
  const texts = SOURCES.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8")),
  );
  return new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
}
