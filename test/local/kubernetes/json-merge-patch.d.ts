/** The package json-merge-patch brings no types. */
declare module "json-merge-patch" {
  const mergePatch: { apply(target: unknown, patch: unknown): unknown };
  export default mergePatch;
}
