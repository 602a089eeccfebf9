/** CustomResourceDefinitions: what one is checked for, the kinds it makes, and one object in another of its versions. */
import { type Cause, invalid } from "./failure.ts";
import { isJson, type Json, jsonOf, listOf, type Stored, textOf, timestamp } from "./object.ts";
import { apiVersionOf, type Column, type CustomType, type ResourceType } from "./resource-types.ts";
import { compileSchema, shape } from "./schema.ts";

export const DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions";

const versionsOf = (definition: Stored) => listOf(definition.spec?.versions);
const textsOf = (value: unknown) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);
const AGE: Column = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description:
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
};

const column = (raw: Json): Column => ({
  name: textOf(raw.name),
  type: textOf(raw.type),
  format: textOf(raw.format),
  description: textOf(raw.description),
  priority: typeof raw.priority === "number" ? raw.priority : 0,
  jsonPath: textOf(raw.jsonPath),
});

function customType(definition: Stored, version: Json): CustomType {
  const raw = jsonOf(jsonOf(version.schema).openAPIV3Schema);
  const columns = listOf(version.additionalPrinterColumns).map(column);
  const scale = jsonOf(version.subresources).scale;
  const storage = versionsOf(definition).find((candidate) => candidate.storage === true);
  const { group, names } = jsonOf(definition.spec);
  const self = `${textOf(group)}/${textOf(version.name)} ${textOf(jsonOf(names).kind)}`;
  const warning = textOf(version.deprecationWarning) || `${self} is deprecated`;
  return {
    schema: compileSchema(raw, "spec.versions.schema.openAPIV3Schema"),
    rawSchema: raw,
    storageVersion: textOf(storage?.name),
    columns: columns.length > 0 ? columns : [AGE],
    ...(isJson(scale) && {
      scale: {
        spec: textOf(scale.specReplicasPath),
        status: textOf(scale.statusReplicasPath),
        ...(textOf(scale.labelSelectorPath) && { selector: textOf(scale.labelSelectorPath) }),
      },
    }),
    ...(version.deprecated === true && { deprecated: warning }),
    views: new WeakMap(),
  };
}

/** The kinds that a definition serves, one per served version. */
export function typesOf(definition: Stored): ResourceType[] {
  const spec = jsonOf(definition.spec);
  const names = jsonOf(spec.names);
  const group = textOf(spec.group);
  const plural = textOf(names.plural);
  const newest = versionsOf(definition).find((version) => version.served === true && version.deprecated !== true);
  return versionsOf(definition)
    .filter((version) => version.served === true)
    .map((version) => {
      const custom = customType(definition, version);
      const instead = newest ? `; use ${group}/${textOf(newest.name)} ${textOf(names.kind)}` : "";
      const given = textOf(version.deprecationWarning);
      return {
        group,
        version: textOf(version.name),
        plural,
        singular: textOf(names.singular),
        kind: textOf(names.kind),
        listKind: textOf(names.listKind),
        shortNames: textsOf(names.shortNames),
        categories: textsOf(names.categories),
        namespaced: spec.scope === "Namespaced",
        subresources: Object.keys(jsonOf(version.subresources)),
        bucket: `${group}/${plural}`,
        counted: true,
        selectable: [],
        custom: custom.deprecated && !given ? { ...custom, deprecated: custom.deprecated + instead } : custom,
      };
    });
}

/** Fills in the names a definition may leave out. Throws 422 for what the embedded API cannot honour. */
export function prepareDefinition(definition: Stored): Stored {
  const spec = jsonOf(definition.spec);
  const names = jsonOf(spec.names);
  const kind = textOf(names.kind);
  const causes: Cause[] = [];
  const complain = (field: string, message: string) => causes.push({ reason: "FieldValueInvalid", message, field });
  if (definition.metadata.name !== `${textOf(names.plural)}.${textOf(spec.group)}`)
    complain("metadata.name", `Invalid value: "${definition.metadata.name}": must be spec.names.plural+"."+spec.group`);
  if (versionsOf(definition).filter((version) => version.storage === true).length !== 1)
    complain("spec.versions", "Invalid value: must have exactly one version marked as storage version");
  const prepared = {
    ...definition,
    spec: {
      ...spec,
      names: {
        ...names,
        singular: textOf(names.singular) || kind.toLowerCase(),
        listKind: textOf(names.listKind) || `${kind}List`,
      },
      conversion: spec.conversion ?? { strategy: "None" },
    },
  };
  if (jsonOf(prepared.spec.conversion).strategy !== "None")
    complain("spec.conversion.strategy", "Invalid value: the embedded API calls no conversion webhooks; use None");
  try {
    if (causes.length === 0) typesOf(prepared);
  } catch (problem) {
    complain("spec.versions", `Invalid value: ${problem instanceof Error ? problem.message : String(problem)}`);
  }
  if (causes.length > 0)
    throw invalid(
      { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition" },
      definition.metadata.name,
      causes,
    );
  return prepared;
}

/** The status that upstream's naming and establishing controllers write a moment after the creation. */
export function establish(definition: Stored, now: Date): Stored {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: "True",
    reason,
    message,
    lastTransitionTime: timestamp(now),
  });
  const status = {
    acceptedNames: jsonOf(definition.spec).names,
    storedVersions: versionsOf(definition)
      .filter((version) => version.storage === true)
      .map((version) => version.name),
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found"),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ],
  };
  return { ...definition, metadata: { ...definition.metadata }, status };
}

/** A stored object in the version that was asked for: strategy None changes apiVersion, then the version's schema speaks. */
export function viewOf(type: ResourceType, stored: Stored): Stored {
  const { custom } = type;
  if (!custom) return stored;
  const known = custom.views.get(stored);
  if (known) return known;
  const apiVersion = apiVersionOf(type);
  const view = shape(
    custom.schema,
    stored.apiVersion === apiVersion ? stored : { ...stored, apiVersion },
    "",
    [],
  ) as Stored;
  custom.views.set(stored, view);
  return view;
}
