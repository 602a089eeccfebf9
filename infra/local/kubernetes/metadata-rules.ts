/** What every object's metadata must keep to, whatever its kind (apimachinery api/validation/objectmeta.go). */
import type { Cause } from "./failure.ts";
import { isJson, type Json, listOf, type Meta, type Stored, textOf } from "./object.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
// Names of roles may hold colons ("system:node"): upstream checks them as path segments only.
const FREE_NAMES = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);

const invalid = (field: string, value: unknown, rule: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${rule}`,
  field,
});

function nameCauses({ kind, metadata }: Stored): Cause[] {
  if (!metadata.name)
    return [
      {
        reason: "FieldValueRequired",
        message: "Required value: name or generateName is required",
        field: "metadata.name",
      },
    ];
  if (metadata.name.length > 253) return [invalid("metadata.name", metadata.name, "must be no more than 253 bytes")];
  return FREE_NAMES.has(kind) || SUBDOMAIN.test(metadata.name)
    ? []
    : [invalid("metadata.name", metadata.name, SUBDOMAIN_RULE)];
}

function ownerCauses(owners: readonly Json[]): Cause[] {
  const field = "metadata.ownerReferences";
  const empty = owners.flatMap((owner) =>
    ["apiVersion", "kind", "name", "uid"]
      .filter((key) => !textOf(owner[key]))
      .map((key) => invalid(`${field}.${key}`, "", "must not be empty")),
  );
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length < 2) return empty;
  const [one, two] = controllers.map((owner) => `${textOf(owner.kind)}/${textOf(owner.name)}`);
  const rule = `Only one reference can have Controller set to true. Found "true" in references for ${one} and ${two}`;
  return [...empty, invalid(field, owners, rule)];
}

function labelCauses(metadata: Meta): Cause[] {
  const labels = Object.entries(isJson(metadata.labels) ? metadata.labels : {});
  return labels
    .filter(
      ([, value]) => typeof value !== "string" || !/^(|[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/.test(value),
    )
    .map(([, value]) =>
      invalid(
        "metadata.labels",
        value,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ),
    );
}

function finalizerCauses({ metadata }: Stored, before: Stored | undefined): Cause[] {
  if (!before?.metadata.deletionTimestamp) return [];
  const known = before.metadata.finalizers ?? [];
  const added = (metadata.finalizers ?? []).filter((finalizer) => !known.includes(finalizer));
  if (added.length === 0) return [];
  const found = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(", ")}}`;
  const rule = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  return [{ reason: "FieldValueForbidden", message: `Forbidden: ${rule}`, field: "metadata.finalizers" }];
}

export function metadataCauses(object: Stored, before: Stored | undefined): Cause[] {
  return [
    ...(before ? [] : nameCauses(object)),
    ...ownerCauses(listOf(object.metadata.ownerReferences)),
    ...labelCauses(object.metadata),
    ...finalizerCauses(object, before),
  ];
}
