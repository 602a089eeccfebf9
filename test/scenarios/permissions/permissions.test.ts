/** Shipped rights are enough and none is too many: every grant carries a call that no other grant of the same identity allows. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { ruleCovers } from "../../../infra/local/kubernetes/access.ts";
import { GRANTS, type Grant, IAM, identityOf } from "./grants.ts";
import { playAll } from "./play.ts";
import { KUBERNETES_REASONS, reasonFor } from "./reasons.ts";
import type { KubernetesUse } from "./record.ts";

const uses = await playAll();

const isMine =
  ({ side, identity }: Pick<Grant, "side" | "identity">) =>
  (use: KubernetesUse) =>
    use.side === side && identityOf(use.function) === identity;
const isDone = ({ code }: { readonly code: number }) => code >= 200 && code < 300;
/** "There is no such instance" is told only to those who may ask. */
const isAnswered = ({ code }: { readonly code: number }) => code > 0 && code !== 403;
const nameOf = ({ identity, side, rule }: Grant) =>
  `${identity} ${rule.verbs[0]} ${rule.resources[0]}${rule.apiGroups[0] && `.${rule.apiGroups[0]}`} (${side})`;

/** Calls that would be refused if this grant were taken away. */
function needing(grant: Grant): readonly KubernetesUse[] {
  const others = GRANTS.filter((one) => one !== grant && one.identity === grant.identity && one.side === grant.side);
  return uses.kubernetes
    .filter((use) => isDone(use) && isMine(grant)(use) && ruleCovers(grant.rule, use.asked))
    .filter(({ asked }) => !others.some(({ rule }) => ruleCovers(rule, asked)));
}

for (const identity of new Set(GRANTS.map((grant) => grant.identity)))
  for (const side of ["management", "workload"] as const)
    test(`${identity} may do in the ${side} cluster all that it did in the stories`, () => {
      const mine = uses.kubernetes.filter(isMine({ side, identity }));
      const grants = GRANTS.filter((grant) => grant.side === side && grant.identity === identity);
      ok(mine.length > 0, "it did nothing");
      const refused = mine.filter(
        ({ asked, code }) => code === 403 || !grants.some(({ rule }) => ruleCovers(rule, asked)),
      );
      deepStrictEqual([...new Set(refused.map(({ asked }) => `${asked.verb} ${asked.resource}`))], []);
    });

for (const grant of GRANTS) {
  const name = nameOf(grant);
  const reason = KUBERNETES_REASONS[name];
  if (reason === undefined)
    test(`without "${name}" something would not be done`, () => ok(needing(grant).length > 0, "nothing needs it"));
  else
    test(`"${name}" is not played here: ${reason}`, () =>
      deepStrictEqual(needing(grant), [], "it is: drop the reason"));
}

test("reasons are given for grants that exist", () => {
  const names = GRANTS.map(nameOf);
  deepStrictEqual(
    Object.keys(KUBERNETES_REASONS).filter((name) => !names.includes(name)),
    [],
  );
});

for (const [name, actions] of IAM) {
  const mine = uses.aws.filter((use) => use.function === name);
  test(`${name} may call of AWS all that it called in the stories`, () =>
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
