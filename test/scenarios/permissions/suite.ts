/** Shipped rights are enough and none is too many: every grant carries a call that no other grant of the same identity allows. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { ruleCovers } from "../../../infra/local/kubernetes/access.ts";
import { type Grant, identityOf } from "./grants.ts";
import type { KubernetesUse, Uses } from "./uses.ts";

export interface Shipped {
  /** How messages call it. */
  readonly cloud: string;
  readonly grants: readonly Grant[];
  /** Function -> actions that the cloud's roles allow it. */
  readonly actions: ReadonlyMap<string, readonly string[]>;
  /** Grants that no play uses: "pool-continued get secrets (management)" -> why they are there all the same. */
  readonly kubernetesReasons: Readonly<Record<string, string>>;
  /** Why nobody in the plays calls it; undefined: somebody must. */
  readonly reasonFor: (functionName: string, action: string) => string | undefined;
}

const SIDES = ["management", "workload"] as const;

const isMine =
  ({ side, identity }: Pick<Grant, "side" | "identity">) =>
  (use: KubernetesUse) =>
    use.side === side && identityOf(use.function) === identity;
const isDone = ({ code }: { readonly code: number }) => code >= 200 && code < 300;
/** "There is no such instance" is told only to those who may ask. */
const isAnswered = ({ code }: { readonly code: number }) => code > 0 && code !== 403;
const nameOf = ({ identity, side, rule }: Grant) =>
  `${identity} ${rule.verbs[0]} ${rule.resources[0]}${rule.apiGroups[0] && `.${rule.apiGroups[0]}`} (${side})`;

/** @param uses  what the functions did with these rights */
export function permissionSuite(shipped: Shipped, uses: Uses): void {
  enoughInKubernetes(shipped, uses);
  noneTooManyInKubernetes(shipped, uses);
  for (const [name, actions] of shipped.actions) cloudRights(shipped, uses, { name, actions });
}

function enoughInKubernetes({ grants }: Shipped, uses: Uses): void {
  const pairs = [...new Set(uses.kubernetes.map((use) => identityOf(use.function)))].flatMap((identity) =>
    SIDES.map((side) => ({ identity, side })),
  );
  for (const { identity, side } of pairs) {
    const mine = uses.kubernetes.filter(isMine({ side, identity }));
    const own = grants.filter((grant) => grant.side === side && grant.identity === identity);
    if (mine.length === 0 && own.length === 0) continue;
    test(`${identity} may do in the ${side} cluster all that it did in the stories`, () => {
      ok(mine.length > 0, "it did nothing");
      const refused = mine.filter(
        ({ asked, code }) => code === 403 || !own.some(({ rule }) => ruleCovers(rule, asked)),
      );
      deepStrictEqual(
        [...new Set(refused.map(({ asked, function: by }) => `${by}: ${asked.verb} ${asked.resource}`))],
        [],
      );
    });
  }
  test("everybody who has a right did something", () => {
    const idle = grants.filter(({ identity }) => !pairs.some((pair) => pair.identity === identity));
    deepStrictEqual(idle.map(nameOf), []);
  });
}

function noneTooManyInKubernetes({ grants, kubernetesReasons }: Shipped, uses: Uses): void {
  /** Calls that would be refused if this grant were taken away. */
  const needing = (grant: Grant): readonly KubernetesUse[] => {
    const others = grants.filter((one) => one !== grant && one.identity === grant.identity && one.side === grant.side);
    return uses.kubernetes
      .filter((use) => isDone(use) && isMine(grant)(use) && ruleCovers(grant.rule, use.asked))
      .filter(({ asked }) => !others.some(({ rule }) => ruleCovers(rule, asked)));
  };
  for (const grant of grants) {
    const name = nameOf(grant);
    const reason = kubernetesReasons[name];
    if (reason === undefined)
      test(`without "${name}" something would not be done`, () => ok(needing(grant).length > 0, "nothing needs it"));
    else
      test(`"${name}" is not played here: ${reason}`, () =>
        deepStrictEqual(needing(grant), [], "it is: drop the reason"));
  }
  test("no right is given to anybody by two roles", () => {
    const names = grants.map(nameOf);
    deepStrictEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });
  test("reasons are given for grants that exist", () => {
    const names = grants.map(nameOf);
    deepStrictEqual(
      Object.keys(kubernetesReasons).filter((name) => !names.includes(name)),
      [],
    );
  });
}

interface Allowed {
  readonly name: string;
  readonly actions: readonly string[];
}

function cloudRights({ cloud, reasonFor }: Shipped, uses: Uses, { name, actions }: Allowed): void {
  const mine = uses.cloud.filter((use) => use.function === name);
  test(`${name} may call of ${cloud} all that it called in the stories`, () =>
    deepStrictEqual(
      [...new Set(mine.map(({ action }) => action))].filter((action) => !actions.includes(action)),
      [],
    ));
  for (const action of actions) {
    const reason = reasonFor(name, action);
    const needs = () => mine.filter((use) => use.action === action && isAnswered(use));
    if (reason === undefined)
      test(`without ${action} ${name} could not do something`, () => ok(needs().length > 0, "nothing needs it"));
    else
      test(`${action} of ${name} is not played here: ${reason}`, () =>
        deepStrictEqual(needs(), [], "it is: drop the reason"));
  }
}
