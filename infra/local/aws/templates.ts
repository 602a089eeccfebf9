/** Launch templates with their versions, as far as an Auto Scaling group launches from them and their owner keeps them. */
import { AwsError, validationError } from "./errors.ts";
import type { InstanceSpec, Membership, Place } from "./fleet.ts";

export type TemplateSpec = Omit<InstanceSpec, "zone" | "subnetId" | "member">;

export interface TemplateVersion {
  readonly number: number;
  readonly createdTime: Date;
  readonly description?: string;
  readonly spec: TemplateSpec;
  /** As it was given: describe calls show the same again. */
  readonly data: Readonly<Record<string, unknown>>;
}

export type NewVersion = Pick<TemplateVersion, "spec" | "data" | "description">;

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly createdTime: Date;
  readonly defaultVersion: number;
  /** Ascending; a number is never used twice. */
  readonly versions: readonly TemplateVersion[];
  readonly lastNumber: number;
}

export interface TemplateName {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export type Templates = ReturnType<typeof createTemplates>;

const notFound = ({ LaunchTemplateId, LaunchTemplateName }: TemplateName) =>
  LaunchTemplateName === undefined
    ? new AwsError(
        "InvalidLaunchTemplateId.NotFound",
        `The specified launch template, with template ID ${LaunchTemplateId}, does not exist.`,
      )
    : new AwsError(
        "InvalidLaunchTemplateName.NotFoundException",
        `The specified launch template, with template name ${LaunchTemplateName}, does not exist.`,
      );

/** "$Latest", "$Default" or a number. */
export function versionNamed({ versions, defaultVersion }: Template, wanted: string): TemplateVersion | undefined {
  if (wanted === "$Latest") return versions.at(-1);
  const number = wanted === "$Default" ? defaultVersion : Number(wanted);
  return versions.find((one) => one.number === number);
}

export function createTemplates({ clock, ids }: Pick<Place, "clock" | "ids">) {
  const templates = new Map<string, Template>();
  const find = (given: TemplateName) =>
    [...templates.values()].find(({ id, name }) => id === given.LaunchTemplateId || name === given.LaunchTemplateName);
  const known = (given: TemplateName): Template => {
    const found = find(given);
    if (found) return found;
    throw notFound(given);
  };
  const version = (number: number, given: NewVersion): TemplateVersion => ({
    ...given,
    number,
    createdTime: clock.now(),
  });

  return {
    find,
    known,
    all: () => [...templates.values()],
    create: (name: string, given: NewVersion): Template => {
      if (find({ LaunchTemplateName: name })) {
        throw new AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
      }
      const made: Template = {
        id: `lt-${ids.hex(17)}`,
        name,
        createdTime: clock.now(),
        defaultVersion: 1,
        versions: [version(1, given)],
        lastNumber: 1,
      };
      templates.set(name, made);
      return made;
    },
    addVersion: (template: Template, given: NewVersion): Template => {
      const lastNumber = template.lastNumber + 1;
      const grown = { ...template, lastNumber, versions: [...template.versions, version(lastNumber, given)] };
      templates.set(template.name, grown);
      return grown;
    },
    removeVersion: (template: Template, number: number): void => {
      templates.set(template.name, { ...template, versions: template.versions.filter((one) => one.number !== number) });
    },
    remove: ({ name }: Template): void => void templates.delete(name),
    /** What a launch gets now; "$Latest" and "$Default" are looked up at each launch. */
    resolve: (wanted: Membership["template"]): { spec: TemplateSpec; version: number } => {
      const found = versionNamed(known(wanted), wanted.Version);
      if (found) return { spec: found.spec, version: found.number };
      throw validationError(
        `You must use a valid fully-formed launch template. Version ${wanted.Version} does not exist.`,
      );
    },
  };
}
