/** Small lists as one array, long ones only as far as somebody wants them. */

/** For lists that are short by nature: the pods of a Node, the rules of a namespace. */
export async function readAll<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** Keeps what `wanted` lets through; nothing else of a page outlives it. */
export async function readWanted<T>(
  pages: AsyncIterable<readonly T[]>,
  wanted: (item: T) => boolean,
): Promise<readonly T[]> {
  const kept: T[] = [];
  for await (const page of pages) kept.push(...page.filter(wanted));
  return kept;
}
