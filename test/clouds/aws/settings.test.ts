/** The environment of a function: what it may leave out, and how it hears of what is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readAuditSettings, readWorkerSettings } from "../../../functions/aws/runtime/settings.ts";

const least = {
  AWS_REGION: "eu-west-1",
  LIFEGUARD_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/210987654321/looks",
  LIFEGUARD_KUBECONFIG_ARN: "arn:aws:secretsmanager:eu-west-1:210987654321:secret:lifeguard-AbCdEf",
};
const eks = {
  AWS_REGION: least.AWS_REGION,
  LIFEGUARD_QUEUE_URL: least.LIFEGUARD_QUEUE_URL,
  LIFEGUARD_EKS_CLUSTER: "prod-eu",
  LIFEGUARD_EKS_ENDPOINT: "https://abc.gr7.eu-west-1.eks.amazonaws.com",
  LIFEGUARD_EKS_CA: "Q0E=",
};

test("what is left out has a default, and an empty variable is left out", () => {
  const settings = readWorkerSettings({ ...least, LIFEGUARD_HOOK_PREFIX: "", LIFEGUARD_EKS_CLUSTER: "" });
  assert.deepEqual(settings, {
    region: "eu-west-1",
    queueUrl: least.LIFEGUARD_QUEUE_URL,
    poolQueueUrl: undefined,
    controllerNamespace: "capa-system",
    hookNamePrefix: "lifeguard-",
    management: { from: "secret", reference: least.LIFEGUARD_KUBECONFIG_ARN },
    rebalancePolicy: "Ignore",
    maintenancePolicy: "Drain",
    reconcile: {
      dryRun: false,
      finishedTtlSeconds: 86_400,
      safetyMarginSeconds: 10,
      evictionParallelism: 10,
      nodeNotFoundSeconds: 600,
      watchFilter: "",
      surge: 1,
    },
  });
});

test("what is set is taken", () => {
  const settings = readWorkerSettings({
    ...eks,
    LIFEGUARD_HOOK_PREFIX: "drain-",
    LIFEGUARD_REBALANCE_POLICY: "Cordon",
    LIFEGUARD_DRY_RUN: "true",
    LIFEGUARD_FINISHED_TTL_SECONDS: "60",
  });
  assert.equal(settings.management.from, "eks");
  assert.equal(settings.hookNamePrefix, "drain-");
  assert.equal(settings.rebalancePolicy, "Cordon");
  assert.deepEqual([settings.reconcile.dryRun, settings.reconcile.finishedTtlSeconds], [true, 60]);
});

const wrong: { name: string; environment: Record<string, string>; says: RegExp }[] = [
  { name: "no queue", environment: { ...least, LIFEGUARD_QUEUE_URL: "" }, says: /LIFEGUARD_QUEUE_URL/ },
  {
    name: "a queue that is no URL",
    environment: { ...least, LIFEGUARD_QUEUE_URL: "looks" },
    says: /LIFEGUARD_QUEUE_URL/,
  },
  {
    name: "no management cluster",
    environment: { ...least, LIFEGUARD_KUBECONFIG_ARN: "" },
    says: /set LIFEGUARD_KUBECONFIG_ARN, or/,
  },
  { name: "two management clusters", environment: { ...least, ...eks }, says: /not both/ },
  { name: "half an EKS cluster", environment: { ...eks, LIFEGUARD_EKS_CA: "" }, says: /LIFEGUARD_EKS_CA/ },
  {
    name: "an EKS endpoint in the clear",
    environment: { ...eks, LIFEGUARD_EKS_ENDPOINT: "http://abc" },
    says: /LIFEGUARD_EKS_ENDPOINT/,
  },
  {
    name: "a policy nobody knows",
    environment: { ...least, LIFEGUARD_REBALANCE_POLICY: "Panic" },
    says: /LIFEGUARD_REBALANCE_POLICY/,
  },
  {
    name: "a number that is none",
    environment: { ...least, LIFEGUARD_SAFETY_MARGIN_SECONDS: "ten" },
    says: /LIFEGUARD_SAFETY_MARGIN_SECONDS/,
  },
  {
    name: "no eviction at all",
    environment: { ...least, LIFEGUARD_EVICTION_PARALLELISM: "0" },
    says: /LIFEGUARD_EVICTION_PARALLELISM/,
  },
  { name: "no surge at all", environment: { ...least, LIFEGUARD_SURGE: "0" }, says: /LIFEGUARD_SURGE/ },
  {
    name: "a queue of pools that is no URL",
    environment: { ...least, LIFEGUARD_POOL_QUEUE_URL: "pools" },
    says: /LIFEGUARD_POOL_QUEUE_URL/,
  },
  { name: "a dry run of maybe", environment: { ...least, LIFEGUARD_DRY_RUN: "maybe" }, says: /LIFEGUARD_DRY_RUN/ },
];
for (const { name, environment, says } of wrong) {
  test(`${name} is refused by the variable's name`, () => assert.throws(() => readWorkerSettings(environment), says));
}

test("the audit webhook's own users are a list", () => {
  const environment = { ...least, LIFEGUARD_AUDIT_TOKEN_ARN: "lifeguard/audit", LIFEGUARD_OWN_USERS: "a, b ,," };
  assert.deepEqual(readAuditSettings(environment).ownUsers, ["a", "b"]);
  assert.deepEqual(readAuditSettings({ ...environment, LIFEGUARD_OWN_USERS: "" }).ownUsers, []);
  assert.throws(() => readAuditSettings(least), /LIFEGUARD_AUDIT_TOKEN_ARN/);
});

const forward = { namespaces: ["team-b"], url: "https://other.example/audit", tokenReference: "lifeguard/other" };
const withForwards = (forwards: string) =>
  readAuditSettings({ ...least, LIFEGUARD_AUDIT_TOKEN_ARN: "lifeguard/audit", LIFEGUARD_AUDIT_FORWARDS: forwards });

test("forwards are a list, and what is left out of one concerns nobody", () => {
  assert.deepEqual(withForwards("").forwards, []);
  assert.deepEqual(withForwards(JSON.stringify([forward])).forwards, [{ ...forward, clusterNames: [] }]);
});

const wrongForwards: { name: string; forwards: string; says: RegExp }[] = [
  { name: "no JSON", forwards: "team-b=https://x", says: /LIFEGUARD_AUDIT_FORWARDS is no list.*no JSON/ },
  { name: "an address in the clear", forwards: JSON.stringify([{ ...forward, url: "http://x" }]), says: /0\.url/ },
  { name: "no token", forwards: JSON.stringify([{ url: forward.url }]), says: /0\.tokenReference/ },
  { name: "a field nobody knows", forwards: JSON.stringify([{ ...forward, token: "x" }]), says: /token/ },
];
for (const { name, forwards, says } of wrongForwards) {
  test(`a forward with ${name} is refused`, () => assert.throws(() => withForwards(forwards), says));
}
