/** The control paths of the local AWS, for a person with curl: a Spot interruption, a fault, the log of calls. */
import { z } from "zod";
import type { Call } from "../calls.ts";
import type { AwsCloud } from "./cloud.ts";
import type { Reply } from "./wire.ts";

export interface Controlled {
  readonly cloud: AwsCloud;
  readonly calls: readonly Call[];
}

type Control = (controlled: Controlled, input: unknown) => unknown;

const fault = z.strictObject({
  service: z.string().exactOptional(),
  action: z.string().exactOptional(),
  match: z.record(z.string(), z.unknown()).exactOptional(),
  times: z.number().int().positive().default(1),
  code: z.string().exactOptional(),
  status: z.number().int().min(400).max(599).exactOptional(),
  message: z.string().exactOptional(),
  delaySeconds: z.number().nonnegative().exactOptional(),
  afterEffect: z.boolean().exactOptional(),
  drop: z.boolean().exactOptional(),
});

const CONTROLS: Readonly<Record<string, Control>> = {
  "/_fault": ({ cloud }, input) => cloud.inject(fault.parse(input)),
  "/_reclaim": ({ cloud }, input) => cloud.interruptSpot(z.object({ instanceId: z.string() }).parse(input).instanceId),
  "/_log": ({ calls }) => calls,
};

/** @returns 200 with JSON; 404 for an unknown path, 400 with what is wrong with the body */
export async function control(controlled: Controlled, path: string, body: string): Promise<Reply> {
  const reply = (status: number, content: unknown): Reply => ({
    status,
    headers: { "content-type": "application/json" },
    body: `${JSON.stringify(content ?? {})}\n`,
  });
  const run = CONTROLS[path];
  if (!run) return reply(404, { message: `Unknown control path; there are ${Object.keys(CONTROLS).join(", ")}.` });
  try {
    return reply(200, await run(controlled, JSON.parse(body || "{}")));
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return reply(400, { message });
  }
}
