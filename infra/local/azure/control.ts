/** The control paths of the local Azure, for a person with curl: a Spot eviction, a fault, the log of calls. */
import { z } from "zod";
import type { Call } from "../calls.ts";
import type { Reply } from "../listen.ts";
import { type Control, faultInput, runControl } from "../run-control.ts";
import type { AzureCloud } from "./cloud.ts";

export interface Controlled {
  readonly cloud: AzureCloud;
  readonly calls: readonly Call[];
}

const named = z.object({ name: z.string() });

const CONTROLS: Readonly<Record<string, Control<Controlled>>> = {
  "/_fault": ({ cloud }, input) => cloud.inject(faultInput.parse(input)),
  "/_evict": ({ cloud }, input) => {
    const { name } = named.parse(input);
    const found = cloud.instances().find((one) => one.name === name);
    if (!found) throw new Error(`no instance is named ${name}`);
    cloud.evictSpot(found);
  },
  "/_log": ({ calls }) => calls,
};

export const control = (controlled: Controlled, path: string, body: string): Promise<Reply> =>
  runControl(CONTROLS, controlled, { path, body });
