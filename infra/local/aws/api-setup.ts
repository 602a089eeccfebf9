/** What the operations of Auto Scaling and EC2 work on. */
import type { Fleet, Place } from "./fleet.ts";
import type { Images } from "./images.ts";
import type { Refreshes } from "./refreshes.ts";
import type { ResourceTags } from "./resource-tags.ts";
import type { Scaling } from "./scaling.ts";
import type { Templates } from "./templates.ts";

export interface ApiSetup {
  readonly place: Place;
  readonly scaling: Scaling;
  readonly fleet: Fleet;
  readonly templates: Templates;
  readonly images: Images;
  readonly refreshes: Refreshes;
  readonly resourceTags: ResourceTags;
  /** Subnet id -> availability zone. */
  readonly subnets: Readonly<Record<string, string>>;
  /** Security group id -> name. */
  readonly securityGroups: Readonly<Record<string, string>>;
  /** A story may change these at any time. */
  readonly reading: {
    /** How far describe calls lag behind. */
    lagSeconds: number;
    /** No page is longer, whatever the caller asks for. */
    pageSize: number;
  };
}
