/** Control paths of a local cloud: JSON in, JSON out, for a person with curl. */
import { z } from "zod";
import type { Reply } from "./listen.ts";

export type Control<Controlled> = (controlled: Controlled, input: unknown) => unknown;

export const faultInput = z.strictObject({
  service: z.string().exactOptional(),
  action: z.string().exactOptional(),
  match: z.record(z.string(), z.unknown()).exactOptional(),
  times: z.number().int().positive().default(1),
  code: z.string().exactOptional(),
  status: z.number().int().min(400).max(599).exactOptional(),
  message: z.string().exactOptional(),
  retryAfterSeconds: z.number().int().nonnegative().exactOptional(),
  delaySeconds: z.number().nonnegative().exactOptional(),
  afterEffect: z.boolean().exactOptional(),
  drop: z.boolean().exactOptional(),
});

/** @returns 200 with JSON; 404 for an unknown path, 400 with what is wrong with the body */
export async function runControl<Controlled>(
  controls: Readonly<Record<string, Control<Controlled>>>,
  controlled: Controlled,
  { path, body }: { readonly path: string; readonly body: string },
): Promise<Reply> {
  const reply = (status: number, content: unknown): Reply => ({
    status,
    headers: { "content-type": "application/json" },
    body: `${JSON.stringify(content ?? {})}\n`,
  });
  const run = controls[path];
  if (!run) return reply(404, { message: `Unknown control path; there are ${Object.keys(controls).join(", ")}.` });
  try {
    return reply(200, await run(controlled, JSON.parse(body || "{}")));
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return reply(400, { message });
  }
}
