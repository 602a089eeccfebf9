/** Deployments of the local Azure: expressions, checks before anything is made, order, conditions, and what waits for what. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createEngine, propertiesSchema } from "../../../infra/local/azure/deployments/engine.ts";
import { parseExpression } from "../../../infra/local/azure/deployments/expression-parser.ts";
import { type Knowledge, workedOut } from "../../../infra/local/azure/deployments/expression-value.ts";
import { nameProblem } from "../../../infra/local/azure/deployments/names.ts";
import { createStock } from "../../../infra/local/azure/deployments/stock.ts";

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/edge`;

const knows: Knowledge = {
  subscriptionId: SUBSCRIPTION,
  resourceGroup: "edge",
  parameters: { name: "edge", wanted: true, unwanted: false, none: "" },
  variables: { site: "[concat(parameters('name'), '-site')]" },
  reference: (id, full) => ({ id, ...(full ? { identity: { principalId: "p" } } : {}) }),
};

const expressions: { name: string; given: unknown; want: unknown }[] = [
  { name: "text is text", given: "edge", want: "edge" },
  { name: "two brackets are one", given: "[[a]", want: "[a]" },
  { name: "a list in text is text", given: '[{"a":1}', want: '[{"a":1}' },
  { name: "a parameter", given: "[parameters('name')]", want: "edge" },
  { name: "a variable is worked out in turn", given: "[variables('site')]", want: "edge-site" },
  { name: "quotes are doubled", given: "[concat('it''s ', parameters('name'))]", want: "it's edge" },
  { name: "members and places", given: "[split('a/b/c', '/')[1]]", want: "b" },
  { name: "the last of a list", given: "[last(split('a/b/c', '/'))]", want: "c" },
  { name: "lists are joined", given: "[concat(createArray('a'), createArray('b'))]", want: ["a", "b"] },
  { name: "an object", given: "[createObject('a', 1, 'b', createArray())]", want: { a: 1, b: [] } },
  {
    name: "only the branch that counts is worked out",
    given: "[if(parameters('wanted'), 'yes', parameters('missing'))]",
    want: "yes",
  },
  {
    name: "an id in the own group",
    given: "[resourceId('Microsoft.Web/sites', 'a')]",
    want: `${GROUP}/providers/Microsoft.Web/sites/a`,
  },
  {
    name: "an id of a child",
    given: "[resourceId('Microsoft.Storage/storageAccounts/blobServices', 'a', 'default')]",
    want: `${GROUP}/providers/Microsoft.Storage/storageAccounts/a/blobServices/default`,
  },
  {
    name: "an id in another group",
    given: "[resourceId('s', 'other', 'Microsoft.Web/sites', 'a')]",
    want: "/subscriptions/s/resourceGroups/other/providers/Microsoft.Web/sites/a",
  },
  {
    name: "an id on a resource",
    given: "[extensionResourceId('/x', 'Microsoft.Authorization/roleAssignments', 'g')]",
    want: "/x/providers/Microsoft.Authorization/roleAssignments/g",
  },
  { name: "a member of another resource", given: "[reference('/x', '2024-01-01').id]", want: "/x" },
  {
    name: "its identity, when all of it is asked for",
    given: "[reference('/x', '2024-01-01', 'full').identity.principalId]",
    want: "p",
  },
  { name: "keys are expressions too", given: { "[parameters('name')]": {} }, want: { edge: {} } },
  { name: "nothing", given: "[json('null')]", want: null },
  { name: "and, not, empty", given: "[and(parameters('wanted'), not(empty('x')))]", want: true },
];

const refusedExpressions: { name: string; given: string; want: RegExp }[] = [
  { name: "an unknown parameter", given: "[parameters('nope')]", want: /parameter 'nope' is not found/ },
  { name: "an unknown function", given: "[uuid()]", want: /function 'uuid' is not known/ },
  { name: "a name too few", given: "[resourceId('Microsoft.Web/sites/functions', 'a')]", want: /takes 2 names, not 1/ },
  { name: "a bracket too few", given: "[concat('a']", want: /"\)" is missing|"," is missing/ },
  { name: "something behind it", given: "[concat('a') 'b']", want: /is too much/ },
  { name: "a condition that is text", given: "[and('true')]", want: /is no bool/ },
];

describe("ARM expressions", () => {
  for (const { name, given, want } of expressions) test(name, () => assert.deepEqual(workedOut(given, knows), want));
  for (const { name, given, want } of refusedExpressions)
    test(`${name} is refused`, () => assert.throws(() => workedOut(given, knows), want));

  test("any text survives quoting", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const tree = parseExpression(`concat('${text.replaceAll("'", "''")}')`);
        assert.deepEqual(tree, { is: "call", name: "concat", given: [{ is: "literal", value: text }] });
      }),
    );
  });

  test("the same parts make the same name, others another one", () => {
    const name = (...parts: readonly string[]) => workedOut(`[uniqueString('${parts.join("', '")}')]`, knows);
    assert.match(String(name("a")), /^[a-z0-9]{13}$/);
    assert.equal(name("a", "b"), name("a", "b"));
    assert.notEqual(name("a", "b"), name("ab"));
  });
});

describe("names that Azure takes", () => {
  for (const [type, good, bad] of [
    ["Microsoft.Storage/storageAccounts", "lga4selpc742o5v", "lg-a4selpc742o5v"],
    ["Microsoft.Web/sites", "lifeguard-drain-continued-lhjkc214ill6v", `l${"x".repeat(60)}`],
    ["Microsoft.ServiceBus/namespaces", "lifeguard-lhjkc214ill6v", "1lifeguard"],
    ["Microsoft.ServiceBus/namespaces", "lifeguard-x", "lifeguard-sb"],
    ["Microsoft.Resources/deployments", "lifeguard-production-westeurope", "x".repeat(65)],
  ] as const)
    test(`${good} of ${type}, not ${bad}`, () => {
      assert.equal(nameProblem(type, good), undefined);
      assert.match(nameProblem(type, bad) ?? "", /is no valid name/);
    });
  test("a type that it does not know is said", () =>
    assert.match(nameProblem("Microsoft.Foo/bars", "x") ?? "", /cannot deploy Microsoft.Foo\/bars/));
});

const plan = (name: string, more: object = {}) => ({
  type: "Microsoft.Web/serverfarms",
  apiVersion: "2024-04-01",
  name,
  ...more,
});
const planId = (name: string) => `[resourceId('Microsoft.Web/serverfarms', '${name}')]`;

function deployed(resources: readonly object[], more: object = {}, given: Readonly<Record<string, unknown>> = {}) {
  const stock = createStock(() => "localhost");
  stock.seed(GROUP, "Microsoft.Resources/resourceGroups");
  const engine = createEngine(stock, () => undefined);
  const properties = propertiesSchema.parse({
    mode: "Incremental",
    template: {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      resources,
      ...more,
    },
    parameters: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }])),
  });
  const scope = { subscriptionId: SUBSCRIPTION, resourceGroup: "edge" };
  const deployment = engine.begin(`${GROUP}/providers/Microsoft.Resources/deployments/one`, properties, scope);
  while (deployment.state === "Running") engine.step(deployment);
  const made = stock.list().flatMap(({ type, id }) => (type.endsWith("serverfarms") ? [id.split("/").at(-1)] : []));
  const errors = [...deployment.resources.values()].flatMap(({ error }) =>
    error ? [`${error.code}: ${error.message}`] : [],
  );
  return { state: deployment.state, made, errors };
}

const refusals: {
  name: string;
  resources: readonly object[];
  more?: object;
  given?: Readonly<Record<string, unknown>>;
  want: RegExp;
}[] = [
  {
    name: "a dependency that is nowhere",
    resources: [plan("a", { dependsOn: [planId("b")] })],
    want: /is not defined in the template/,
  },
  {
    name: "a circle",
    resources: [plan("a", { dependsOn: [planId("b")] }), plan("b", { dependsOn: [planId("a")] })],
    want: /circular/,
  },
  { name: "the same resource twice", resources: [plan("a"), plan("A")], want: /more than once/ },
  { name: "a name that Azure does not take", resources: [plan("a_b")], want: /no valid name/ },
  {
    name: "a parameter without a value",
    resources: [],
    more: { parameters: { x: { type: "string" } } },
    want: /'x' is not provided/,
  },
  {
    name: "a parameter that is too short",
    resources: [],
    more: { parameters: { x: { type: "string", minLength: 1 } } },
    given: { x: "" },
    want: /length/,
  },
  {
    name: "a number that is text",
    resources: [],
    more: { parameters: { x: { type: "int" } } },
    given: { x: "1" },
    want: /is no int/,
  },
  { name: "a value that nobody asked for", resources: [], given: { y: 1 }, want: /'y' are not valid/ },
  {
    name: "a look at something else in a name",
    resources: [plan("[reference('/x', '2024-04-01').name]")],
    want: /'reference' is not expected/,
  },
];

describe("a deployment of the local Azure", () => {
  test("makes first what others depend on", () => {
    const { made } = deployed([
      plan("c", { dependsOn: [planId("b")] }),
      plan("b", { dependsOn: [planId("a")] }),
      plan("a"),
    ]);
    assert.deepEqual(made, ["a", "b", "c"]);
  });

  test("leaves out what is not wanted, and does not wait for it", () => {
    const { state, made } = deployed([
      plan("a", { condition: "[equals(1, 2)]" }),
      plan("b", { dependsOn: [planId("a")] }),
    ]);
    assert.deepEqual([state, made], ["Succeeded", ["b"]]);
  });

  test("begins nothing more once something has failed", () => {
    const reads = { properties: { x: "[reference(resourceId('Microsoft.Web/sites', 'gone'), '2024-04-01').id]" } };
    const { state, made, errors } = deployed([plan("a", reads), plan("b", { dependsOn: [planId("a")] })]);
    assert.deepEqual([state, made], ["Failed", []]);
    assert.match(errors.join(), /^ResourceNotFound: /);
  });

  test("does not let a resource read another that need not be there yet", () => {
    const reads = { properties: { x: "[reference(resourceId('Microsoft.Web/serverfarms', 'a'), '2024-04-01')]" } };
    assert.match(deployed([plan("a"), plan("b", reads)]).errors.join(), /reads '.*\/a' without depending on it/);
    assert.equal(deployed([plan("a"), plan("b", { ...reads, dependsOn: [planId("a")] })]).state, "Succeeded");
  });

  for (const { name, resources, more, given, want } of refusals)
    test(`${name} is refused before anything is made`, () =>
      assert.throws(() => deployed(resources, more, given), want));
});
