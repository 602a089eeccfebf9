/** Selectors mean what the API machinery says they mean, here and as a query. */
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LabelSelector } from "../../lib/api/kubernetes/meta.ts";
import { LabelSelectorError, matchesSelector, toSelectorQuery } from "../../lib/kubernetes/label-selector.ts";

type Labels = Readonly<Record<string, string>>;
const one = (key: string, operator: string, values?: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
});

const matching: {
  name: string;
  selector: LabelSelector | undefined;
  labels: Labels | undefined;
  want: boolean;
  query: string;
}[] = [
  { name: "no selector matches everything", selector: undefined, labels: undefined, want: true, query: "" },
  { name: "an empty selector matches everything", selector: {}, labels: { a: "1" }, want: true, query: "" },
  {
    name: "empty parts match everything",
    selector: { matchLabels: {}, matchExpressions: [] },
    labels: {},
    want: true,
    query: "",
  },
  {
    name: "matchLabels wants every label",
    selector: { matchLabels: { a: "1", b: "2" } },
    labels: { a: "1" },
    want: false,
    query: "a=1,b=2",
  },
  {
    name: "matchLabels with both labels",
    selector: { matchLabels: { b: "2", a: "1" } },
    labels: { a: "1", b: "2", c: "3" },
    want: true,
    query: "a=1,b=2",
  },
  {
    name: "an empty value is a value",
    selector: { matchLabels: { a: "" } },
    labels: { a: "" },
    want: true,
    query: "a=",
  },
  {
    name: "an empty value is no missing key",
    selector: { matchLabels: { a: "" } },
    labels: {},
    want: false,
    query: "a=",
  },
  {
    name: "In with the value",
    selector: one("a", "In", ["2", "1"]),
    labels: { a: "1" },
    want: true,
    query: "a in (1,2)",
  },
  {
    name: "In with another value",
    selector: one("a", "In", ["1", "2"]),
    labels: { a: "3" },
    want: false,
    query: "a in (1,2)",
  },
  { name: "In without the key", selector: one("a", "In", ["1"]), labels: undefined, want: false, query: "a=1" },
  { name: "NotIn with the value", selector: one("a", "NotIn", ["1"]), labels: { a: "1" }, want: false, query: "a!=1" },
  {
    name: "NotIn without the key matches",
    selector: one("a", "NotIn", ["1", "2"]),
    labels: {},
    want: true,
    query: "a notin (1,2)",
  },
  { name: "Exists with an empty value", selector: one("a", "Exists"), labels: { a: "" }, want: true, query: "a" },
  { name: "Exists without the key", selector: one("a", "Exists", []), labels: { b: "" }, want: false, query: "a" },
  { name: "DoesNotExist without the key", selector: one("a", "DoesNotExist"), labels: {}, want: true, query: "!a" },
  {
    name: "DoesNotExist with the key",
    selector: one("a", "DoesNotExist"),
    labels: { a: "1" },
    want: false,
    query: "!a",
  },
  {
    name: "a key that objects inherit is no label",
    selector: one("constructor", "Exists"),
    labels: {},
    want: false,
    query: "constructor",
  },
  {
    name: "labels and expressions are ANDed",
    selector: { matchLabels: { app: "web" }, ...one("app.kubernetes.io/tier", "NotIn", ["db"]) },
    labels: { app: "web", "app.kubernetes.io/tier": "db" },
    want: false,
    query: "app=web,app.kubernetes.io/tier!=db",
  },
];
for (const { name, selector, labels, want, query } of matching) {
  test(name, () => {
    strictEqual(matchesSelector(selector, labels), want);
    strictEqual(toSelectorQuery(selector), query);
  });
}

const long = "a".repeat(64);
const refused: { name: string; selector: LabelSelector; says: RegExp }[] = [
  {
    name: "an unknown operator",
    selector: one("a", "Gt", ["1"]),
    says: /^matchExpressions\[0\]\.operator: "Gt" is unknown: use In, NotIn, Exists or DoesNotExist$/,
  },
  { name: "an operator in small letters", selector: one("a", "in", ["1"]), says: /operator: "in" is unknown/ },
  {
    name: "In without values",
    selector: one("a", "In"),
    says: /^matchExpressions\[0\]\.values: must not be empty with operator In$/,
  },
  { name: "NotIn with no values", selector: one("a", "NotIn", []), says: /must not be empty with operator NotIn/ },
  {
    name: "Exists with values",
    selector: one("a", "Exists", ["1"]),
    says: /values: must be empty with operator Exists/,
  },
  {
    name: "DoesNotExist with values",
    selector: one("a", "DoesNotExist", ["1"]),
    says: /must be empty with operator DoesNotExist/,
  },
  { name: "an empty key", selector: one("", "Exists"), says: /matchExpressions\[0\]\.key: the label key ""/ },
  {
    name: "a key with a space",
    selector: { matchLabels: { "a b": "1" } },
    says: /^matchLabels\["a b"\]: the label key "a b"/,
  },
  { name: "a key with two slashes", selector: one("a/b/c", "Exists"), says: /the label key "a\/b\/c"/ },
  {
    name: "a key with a bad prefix",
    selector: one("Ex_ample/a", "Exists"),
    says: /lower-case DNS subdomain before the slash/,
  },
  { name: "a key of 64 letters", selector: one(long, "Exists"), says: /1 to 63 letters/ },
  { name: "a value of 64 letters", selector: { matchLabels: { a: long } }, says: /at most 63 letters/ },
  {
    name: "a value that would end the query's list",
    selector: one("a", "In", ["1),b in (2"]),
    says: /the label value "1\),b in \(2"/,
  },
];
for (const { name, selector, says } of refused) {
  test(`${name} is refused, by matching and by rendering`, () => {
    const want = (error: unknown) => error instanceof LabelSelectorError && says.test(error.message);
    throws(() => matchesSelector(selector, {}), want);
    throws(() => toSelectorQuery(selector), want);
  });
}

const key = fc.constantFrom("a", "b", "example.com/c");
const value = fc.constantFrom("", "1", "2", "x.y_z");
const labelsOf = fc.dictionary(key, value, { noNullPrototype: true });
const expression = fc.oneof(
  fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);

test("an expression and its opposite never both match, and one of them does", () => {
  const opposite: Readonly<Record<string, string>> = {
    In: "NotIn",
    NotIn: "In",
    Exists: "DoesNotExist",
    DoesNotExist: "Exists",
  };
  fc.assert(
    fc.property(expression, labelsOf, (asked, labels) => {
      const turned = { ...asked, operator: opposite[asked.operator] ?? "" };
      strictEqual(
        matchesSelector({ matchExpressions: [asked] }, labels),
        !matchesSelector({ matchExpressions: [turned] }, labels),
      );
    }),
  );
});

test("matchLabels is In with one value, and order does not matter", () => {
  fc.assert(
    fc.property(labelsOf, labelsOf, fc.array(expression, { maxLength: 3 }), (wanted, labels, more) => {
      const asIn = Object.entries(wanted).map(([name, text]) => ({ key: name, operator: "In", values: [text] }));
      const first = { matchLabels: wanted, matchExpressions: more };
      const second = { matchExpressions: [...more, ...asIn] };
      strictEqual(matchesSelector(first, labels), matchesSelector(second, labels));
      deepStrictEqual(toSelectorQuery(first).split(",").sort(), toSelectorQuery(second).split(",").sort());
    }),
  );
});
