/** Lists in pages: the next one by a link, as ARM gives it. */
import { invalid } from "./errors.ts";
import type { Parts } from "./parts.ts";
import type { ArmReply, ArmRequest } from "./route.ts";

const SKIP = "$skiptoken";

/** @returns `nextLink` is relative here; the server makes it absolute */
export function pageOf({ reading }: Pick<Parts, "reading">, request: ArmRequest, items: readonly unknown[]): ArmReply {
  const start = Number(request.query.get(SKIP) ?? 0);
  if (!Number.isInteger(start) || start > items.length) throw invalid(`The ${SKIP} is invalid.`);
  const end = start + reading.pageSize;
  const value = items.slice(start, end);
  if (end >= items.length) return { status: 200, body: { value } };
  const query = new URLSearchParams(request.query);
  query.set(SKIP, String(end));
  return { status: 200, body: { value, nextLink: `${request.path}?${query.toString()}` } };
}
