/** Which MachineDrainRules concern a Machine and a pod. */
import { deepStrictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import type { MachineDrainRule } from "../../../lib/api/core/machine-drain-rule.ts";
import { matchesSelector } from "../../../lib/kubernetes/label-selector.ts";
import {
  asksForCluster,
  asksForNamespaces,
  ruleForPod,
  rulesForMachine,
} from "../../../lib/reconcile/decide/drain-rules.ts";
import { aRule } from "../../support/builders.ts";

const labelled = (key: string, value: string) => ({ matchLabels: { [key]: value } });
const tierWeb = labelled("tier", "web");
const envProd = labelled("env", "prod");
const labels = { machine: { tier: "web" }, cluster: { env: "prod" } };
const skip = (name: string, rest: Omit<MachineDrainRule["spec"], "drain"> = {}) =>
  aRule(name, { behavior: "Skip" }, rest);
const concerned = (rule: MachineDrainRule, on = labels) => rulesForMachine([rule], on, matchesSelector).length > 0;

const machineRows: { name: string; machines?: MachineDrainRule["spec"]["machines"]; want: boolean }[] = [
  { name: "a rule without machines concerns every Machine", want: true },
  { name: "a rule with no entries concerns every Machine", machines: [], want: true },
  {
    name: "an entry that matches in full concerns the Machine",
    machines: [{ selector: tierWeb, clusterSelector: envProd }],
    want: true,
  },
  {
    name: "entries are alternatives",
    machines: [{ selector: labelled("tier", "db") }, { selector: tierWeb }],
    want: true,
  },
  {
    name: "only the selector matching is not enough",
    machines: [{ selector: tierWeb, clusterSelector: labelled("env", "test") }],
    want: false,
  },
  {
    name: "only the clusterSelector matching is not enough",
    machines: [{ selector: labelled("tier", "db"), clusterSelector: envProd }],
    want: false,
  },
  { name: "an empty selector matches every Machine", machines: [{ selector: {} }], want: true },
];
for (const { name, machines, want } of machineRows)
  test(name, () => deepStrictEqual(concerned(skip("r", machines ? { machines } : {})), want));

const pod = { name: "default/web", labels: { app: "web" }, namespaceLabels: { team: "a" } };
const podRows: { name: string; pods?: MachineDrainRule["spec"]["pods"]; want: boolean }[] = [
  { name: "a rule without pods concerns every pod", want: true },
  { name: "a rule with no pod entries concerns every pod", pods: [], want: true },
  {
    name: "both selectors of a pod entry must match",
    pods: [{ selector: labelled("app", "web"), namespaceSelector: labelled("team", "a") }],
    want: true,
  },
  {
    name: "only the pod's labels matching is not enough",
    pods: [{ selector: labelled("app", "web"), namespaceSelector: labelled("team", "b") }],
    want: false,
  },
  {
    name: "only the namespace's labels matching is not enough",
    pods: [{ selector: labelled("app", "db"), namespaceSelector: labelled("team", "a") }],
    want: false,
  },
];
for (const { name, pods, want } of podRows)
  test(name, () =>
    deepStrictEqual(ruleForPod([skip("r", pods ? { pods } : {})], pod, matchesSelector) !== undefined, want),
  );

test("of several matching rules the first by name decides", () => {
  const rules = rulesForMachine([skip("c"), skip("a"), skip("b")], labels, matchesSelector);
  deepStrictEqual(
    rules.map(({ metadata }) => metadata.name),
    ["a", "b", "c"],
  );
  deepStrictEqual(ruleForPod(rules, pod, matchesSelector)?.metadata.name, "a");
});

test("one bad selector in any rule, matching or not, is an error that names the rule", () => {
  const bad = { matchExpressions: [{ key: "a", operator: "Near", values: ["b"] }] };
  const rules = [
    skip("good"),
    skip("bad", { machines: [{ selector: labelled("tier", "db") }, { clusterSelector: bad }] }),
  ];
  throws(() => rulesForMachine(rules, labels, matchesSelector), /MachineDrainRule team-a\/bad: .*Near/);
  throws(() => rulesForMachine([skip("bad", { pods: [{ selector: bad }] })], labels, matchesSelector), /team-a\/bad/);
});

test("an unknown behavior is an error that names the rule", () => {
  throws(
    () => rulesForMachine([aRule("odd", { behavior: "Later" })], labels, matchesSelector),
    /team-a\/odd: unknown behavior "Later"/,
  );
});

test("Cluster and Namespaces are asked for only by rules that need them", () => {
  deepStrictEqual([asksForCluster([skip("a")]), asksForNamespaces([skip("a")])], [false, false]);
  deepStrictEqual(asksForCluster([skip("a", { machines: [{ clusterSelector: envProd }] })]), true);
  deepStrictEqual(asksForNamespaces([skip("a", { pods: [{ namespaceSelector: envProd }] })]), true);
});
