/** Launches that EC2 refuses: told as failed activities of the group, and tried again after a while. */
import type { createActivities } from "./activities.ts";
import type { Place } from "./fleet.ts";
import type { Group } from "./group.ts";
import type { Images } from "./images.ts";
import type { Templates } from "./templates.ts";

const RETRY_SECONDS = 60;

interface Parts {
  readonly place: Place;
  readonly templates: Templates;
  readonly images: Images;
  readonly activities: ReturnType<typeof createActivities>;
}

export function createLaunches({ place, templates, images, activities }: Parts) {
  const waiting = new Set<string>();
  /** undefined: EC2 would launch. */
  const refusal = (group: Group): string | undefined => {
    try {
      const { imageId } = templates.resolve(group.template).spec;
      return images.exists(imageId) ? undefined : `The image id '[${imageId}]' does not exist.`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  return {
    /** @param again called once, later, however often it was refused meanwhile */
    refuses: (group: Group, cause: string, again: () => void): boolean => {
      const said = refusal(group);
      if (said === undefined) return false;
      const { AutoScalingGroupName: name } = group;
      activities.refused(group, cause, `${said} Launching EC2 instance failed.`);
      if (waiting.has(name)) return true;
      waiting.add(name);
      place.clock.after(RETRY_SECONDS, () => {
        waiting.delete(name);
        again();
      });
      return true;
    },
  };
}
