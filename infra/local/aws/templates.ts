/** Launch templates, as far as an Auto Scaling group launches from them. */
import { AwsError, validationError } from "./errors.ts";
import type { InstanceSpec, Membership, Place } from "./fleet.ts";

export type TemplateSpec = Omit<InstanceSpec, "zone" | "subnetId" | "member">;

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly createdTime: Date;
  /** Version n stands at n - 1. */
  readonly versions: readonly TemplateSpec[];
}

export type Templates = ReturnType<typeof createTemplates>;

export function createTemplates({ clock, ids }: Pick<Place, "clock" | "ids">) {
  const templates = new Map<string, Template>();
  const find = (given: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined }) =>
    [...templates.values()].find(({ id, name }) => id === given.LaunchTemplateId || name === given.LaunchTemplateName);
  const known = (given: Parameters<typeof find>[0]): Template => {
    const found = find(given);
    if (found) return found;
    const said = given.LaunchTemplateName ?? given.LaunchTemplateId;
    throw new AwsError(
      "InvalidLaunchTemplateName.NotFoundException",
      `The specified launch template, with template name ${said}, does not exist.`,
    );
  };

  return {
    find,
    known,
    all: () => [...templates.values()],
    create: (name: string, spec: TemplateSpec): Template => {
      if (find({ LaunchTemplateName: name })) {
        throw new AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
      }
      const made = { id: `lt-${ids.hex(17)}`, name, createdTime: clock.now(), versions: [spec] };
      templates.set(name, made);
      return made;
    },
    addVersion: (template: Template, spec: TemplateSpec): Template => {
      const grown = { ...template, versions: [...template.versions, spec] };
      templates.set(template.name, grown);
      return grown;
    },
    /** What a launch gets now; "$Latest" and "$Default" (version 1 here) are looked up at each launch. */
    resolve: (wanted: Membership["template"]): { spec: TemplateSpec; version: number } => {
      const { versions } = known(wanted);
      const version =
        wanted.Version === "$Latest" ? versions.length : wanted.Version === "$Default" ? 1 : Number(wanted.Version);
      const spec = versions[version - 1];
      if (spec) return { spec, version };
      throw validationError(
        `You must use a valid fully-formed launch template. Version ${wanted.Version} does not exist.`,
      );
    },
  };
}
