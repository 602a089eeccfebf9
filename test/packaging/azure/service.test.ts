/** What the YAML files may say, how text stays text in a template, and how Azure's nested errors are told. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import * as z from "zod";
import { errorLines } from "../../../infra/azure/deploy/error-lines.ts";
import { literal, quoted } from "../../../infra/azure/package/expressions.ts";
import { readService } from "../../../infra/azure/package/service.ts";
import { templateOf } from "../../../infra/azure/package/template.ts";
import { type Knowledge, workedOut } from "../../../infra/local/azure/deployments/expression-value.ts";

const app = {
  handler: "functions/azure/drain-continued.ts",
  description: "The next look is due",
  events: [{ queue: "looks" }],
};
const configured = {
  service: "lifeguard",
  provider: { name: "azure", stage: "production", memoryMegabytes: 512 },
  custom: { bundle: { target: "node22" } },
  functions: { "drain-continued": app },
  resources: { parameters: {}, variables: {}, resources: [], outputs: {} },
};
const rights = { apps: { "drain-continued": ["Microsoft.Compute/virtualMachines/read"] }, duties: {} };

const refusals: { name: string; configured?: unknown; rights?: unknown; want: RegExp }[] = [
  {
    name: "rights for a function that is not there",
    rights: { ...rights, apps: { "drain-continue": [] } },
    want: /permissions\.yml: there is no function drain-continue$/,
  },
  {
    name: "a stage that would make names too long",
    configured: { ...configured, provider: { ...configured.provider, stage: "x".repeat(21) } },
    want: /provider\.stage: a stage has at most 20/,
  },
  {
    name: "a function whose name would make names too long",
    configured: { ...configured, functions: { ["x".repeat(25)]: app } },
    want: /functions\.x+: /,
  },
  {
    name: "a handler that is no source of ours",
    configured: { ...configured, functions: { "drain-continued": { ...app, handler: "../drain.js" } } },
    want: /functions\.drain-continued\.handler: names a file below functions\//,
  },
  {
    name: "a function that nothing starts",
    configured: { ...configured, functions: { "drain-continued": { ...app, events: [] } } },
    want: /functions\.drain-continued\.events: /,
  },
  {
    name: "a parameter that nobody explains",
    configured: { ...configured, resources: { ...configured.resources, parameters: { x: { type: "string" } } } },
    want: /resources\.parameters\.x\.metadata: /,
  },
];

describe("the YAML files", () => {
  test("become plain data", () => {
    const { name, apps } = readService(configured, rights);
    assert.deepEqual([name, apps.map((one) => one.name)], ["lifeguard", ["drain-continued"]]);
  });
  for (const one of refusals)
    test(`${one.name}: refused, with the place`, () =>
      assert.throws(() => readService(one.configured ?? configured, one.rights ?? rights), {
        name: "ConfigurationError",
        message: one.want,
      }));
});

describe("a parameter of the template", () => {
  const declared = (type: string, defaultValue: unknown, more: object = {}) => {
    const parameters = { x: { type, defaultValue, metadata: { description: "X." }, ...more } };
    const service = readService({ ...configured, resources: { ...configured.resources, parameters } }, rights);
    return z.record(z.string(), z.unknown()).parse(templateOf(service).parameters.x);
  };
  test("that must be given has no default where the setting is empty", () => {
    assert.equal("defaultValue" in declared("string", "", { minLength: 1 }), false);
    assert.equal(declared("string", "edge", { minLength: 1 }).defaultValue, "edge");
    assert.equal(declared("string", "").defaultValue, "");
  });
  test("has a default of its own type, although settings are text", () => {
    assert.equal(declared("int", "40").defaultValue, 40);
    assert.equal(declared("bool", "true").defaultValue, true);
    assert.equal(declared("bool", "false").defaultValue, false);
  });
});

const nothing: Knowledge = {
  subscriptionId: "s",
  parameters: {},
  variables: {},
  reference: () => assert.fail("nothing is looked up"),
};

describe("text in a template", () => {
  test("stays the text that it is, whatever it looks like", () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constantFrom("[a]", "[[a]]", "[", "[concat('a')]", ""));
    fc.assert(fc.property(text, (value) => assert.equal(workedOut(literal(value), nothing), value)));
  });
  test("stays the text that it is inside of an expression, too", () => {
    fc.assert(
      fc.property(fc.string(), (value) => assert.equal(workedOut(`[concat(${quoted(value)})]`, nothing), value)),
    );
  });
});

const errors: { name: string; given: unknown; want: readonly string[] }[] = [
  { name: "code and message", given: { error: { code: "A", message: "b" } }, want: ["A b"] },
  { name: "what it is about", given: { code: "A", target: "x", message: "b" }, want: ["A (x) b"] },
  {
    name: "details, to any depth",
    given: { code: "A", message: "a", details: [{ code: "B", message: "b", details: [{ code: "C", message: "c" }] }] },
    want: ["A a", "  B b", "    C c"],
  },
  {
    name: "an error packed as text",
    given: { code: "A", message: '{"error":{"code":"B","message":"b","innererror":{"code":"C"}}}' },
    want: ["A", "  B b", "    C"],
  },
  { name: "text that only begins like one", given: { code: "A", message: "{broken" }, want: ["A {broken"] },
  { name: "several lines", given: { code: "A", message: "one\ntwo" }, want: ["A one\n  two"] },
  { name: "something else altogether", given: [1, 2], want: ["[1,2]"] },
  { name: "plain text", given: "Bad Gateway", want: ["Bad Gateway"] },
  { name: "nothing", given: undefined, want: ["nothing"] },
];

describe("Azure's errors are told with", () => {
  for (const { name, given, want } of errors) test(name, () => assert.deepEqual(errorLines(given), want));
  test("every code and message that is in them", () => {
    const leaf = fc.record({
      code: fc.stringMatching(/^[A-Z][a-z]{3,9}$/),
      message: fc.stringMatching(/^[a-z ]{4,20}$/),
    });
    fc.assert(
      fc.property(leaf, fc.array(leaf, { maxLength: 4 }), (head, details) => {
        const told = errorLines({ error: { ...head, details } }).join("\n");
        for (const { code, message } of [head, ...details]) assert.ok(told.includes(`${code} ${message}`), told);
      }),
    );
  });
});
