/** Machine images: those that lookups find, and those that are gone although a template still names them. */
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly architecture: "x86_64" | "arm64";
  readonly createdTime: Date;
  readonly rootDeviceName: string;
  /** Of the root snapshot. */
  readonly rootGibibytes: number;
}

export type NewImage = Pick<Image, "name"> & Partial<Omit<Image, "name" | "createdTime">>;
export type Images = ReturnType<typeof createImages>;

/** Publishes Cluster API's images for AWS (CAPA pkg/cloud/services/ec2/ami.go). */
const CAPA_OWNER = "819546954734";
const KUBERNETES_VERSIONS = ["1.32.0", "1.33.0", "1.34.0", "1.34.1", "1.35.0"];

export function createImages(clock: Clock, ids: Ids) {
  const published = new Map<string, Image>();
  const withdrawn = new Set<string>();
  const publish = (given: NewImage): Image => {
    const made: Image = {
      id: `ami-${ids.hex(17)}`,
      ownerId: CAPA_OWNER,
      architecture: "x86_64",
      rootDeviceName: "/dev/sda1",
      rootGibibytes: 8,
      ...given,
      createdTime: clock.now(),
    };
    published.set(made.id, made);
    return made;
  };
  for (const version of KUBERNETES_VERSIONS) {
    for (const architecture of ["x86_64", "arm64"] as const) {
      publish({ name: `capa-ami-ubuntu-24.04-v${version}-${architecture}`, architecture });
    }
  }
  /** Every well-formed id that nobody withdrew exists: it is somebody's image, made long ago. */
  const exists = (id: string): boolean => !withdrawn.has(id) && (published.has(id) || /^ami-[0-9a-f]{1,17}$/.test(id));

  return {
    publish,
    exists,
    /** From now on nothing can be launched from it. */
    withdraw: (id: string): void => void withdrawn.add(id),
    /** It is there (again). */
    restore: (id: string): void => void withdrawn.delete(id),
    get: (id: string): Image | undefined => {
      if (!exists(id)) return undefined;
      const plain = { id, name: id, ownerId: "self", architecture: "x86_64", rootDeviceName: "/dev/xvda" } as const;
      return published.get(id) ?? { ...plain, createdTime: new Date(0), rootGibibytes: 8 };
    },
    all: (): Image[] => [...published.values()].filter(({ id }) => exists(id)),
  };
}
