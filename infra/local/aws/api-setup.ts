/** What the operations of Auto Scaling and EC2 work on. */
import type { Fleet, Place } from "./fleet.ts";
import type { Scaling } from "./scaling.ts";
import type { Templates } from "./templates.ts";

export interface ApiSetup {
  readonly place: Place;
  readonly scaling: Scaling;
  readonly fleet: Fleet;
  readonly templates: Templates;
  /** Subnet id -> availability zone. */
  readonly subnets: Readonly<Record<string, string>>;
  /** A story may change these at any time. */
  readonly reading: {
    /** How far describe calls lag behind. */
    lagSeconds: number;
    /** No page is longer, whatever the caller asks for. */
    pageSize: number;
  };
}
