/** The control paths of the local AWS, for a person with curl: a Spot interruption, a fault, the log of calls. */
import { z } from "zod";
import type { Call } from "../calls.ts";
import type { Reply } from "../listen.ts";
import { type Control, faultInput, runControl } from "../run-control.ts";
import type { AwsCloud } from "./cloud.ts";

export interface Controlled {
  readonly cloud: AwsCloud;
  readonly calls: readonly Call[];
}

const CONTROLS: Readonly<Record<string, Control<Controlled>>> = {
  "/_fault": ({ cloud }, input) => cloud.inject(faultInput.parse(input)),
  "/_reclaim": ({ cloud }, input) => cloud.interruptSpot(z.object({ instanceId: z.string() }).parse(input).instanceId),
  "/_log": ({ calls }) => calls,
};

export const control = (controlled: Controlled, path: string, body: string): Promise<Reply> =>
  runControl(CONTROLS, controlled, { path, body });
