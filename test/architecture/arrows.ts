/** Who may import whom: functions -> lib/reconcile -> lib/providers | lib/kubernetes -> lib/api, and never upward. */
import type { Import, Source, Violation } from "./sources.ts";

/** The cloud that a file belongs to, from its folder: functions/<cloud>, lib/providers/<cloud>, infra/<cloud>. */
const cloudOf = (file: string): string | undefined =>
  /^(?:functions|lib\/providers|lib\/api|infra|test\/clouds)\/(aws|azure|gcp|oci|scaleway)\//.exec(file)?.[1];

/** First match wins. A folder that stands nowhere may be imported by nobody below functions. */
const MAY_IMPORT: readonly { readonly from: RegExp; readonly to: RegExp }[] = [
  { from: /^(infra|test)\//, to: /./ },
  { from: /^functions\//, to: /^(functions|lib)\// },
  { from: /^lib\/reconcile\/decide\//, to: /^lib\/(api|reconcile\/decide)\// },
  { from: /^lib\/reconcile\//, to: /^lib\/(reconcile|providers\/[^/]+\.ts|kubernetes|api)\b/ },
  { from: /^lib\/providers\//, to: /^lib\/(providers|api)\// },
  { from: /^lib\/kubernetes\//, to: /^lib\/(kubernetes|api)\// },
  { from: /^lib\/api\//, to: /^lib\/api\// },
];

const SDK =
  /^(@aws-sdk|@aws-lambda-powertools|@smithy|@aws-crypto|@azure|@google-cloud|oci-[a-z]+|@scaleway|@fnproject)\b/;

interface Arrow {
  readonly rule: string;
  readonly broken: (source: Source, imported: Import) => boolean;
}

const ARROWS: readonly Arrow[] = [
  {
    rule: "imports go downward only: functions -> lib/reconcile -> lib/providers | lib/kubernetes -> lib/api",
    broken: ({ path }, { file }) =>
      file !== undefined && !MAY_IMPORT.find(({ from }) => from.test(path))?.to.test(file),
  },
  {
    rule: "lib/reconcile/decide is pure: it imports no package",
    broken: ({ path }, { packageName }) => path.startsWith("lib/reconcile/decide/") && packageName !== undefined,
  },
  {
    rule: "nothing imports infra/local or test but they themselves",
    broken: ({ path }, { file }) =>
      file !== undefined && /^(infra\/local|test)\//.test(file) && !/^(infra\/local|test)\//.test(path),
  },
  {
    rule: "no cloud imports another",
    broken: ({ path }, { file }) => {
      const [from, to] = [cloudOf(path), file && cloudOf(file)];
      return from !== undefined && to !== undefined && from !== to;
    },
  },
  {
    rule: "a cloud's SDK stays in lib/providers/<cloud>, functions/<cloud>, infra and test",
    broken: ({ path }, { packageName }) =>
      packageName !== undefined &&
      SDK.test(packageName) &&
      path.startsWith("lib/") &&
      !/^lib\/providers\/[^/]+\//.test(path),
  },
  {
    rule: "lib/api imports no package: it is types and constants",
    broken: ({ path }, { packageName }) => path.startsWith("lib/api/") && packageName !== undefined,
  },
  {
    rule: "lib/reconcile imports no package: the world is an argument",
    broken: ({ path }, { packageName }) => path.startsWith("lib/reconcile/") && packageName !== undefined,
  },
  {
    rule: "local imports carry their extension",
    broken: (_, { file }) => file !== undefined && !/\.(ts|cjs|mjs|js|json|yml)$/.test(file),
  },
];

export const brokenArrows = (source: Source): readonly Violation[] =>
  ARROWS.flatMap(({ rule, broken }) =>
    source.imports
      .filter((imported) => broken(source, imported))
      .map(({ line, specifier }) => ({ path: source.path, line, rule: `${rule} (${specifier})` })),
  );
