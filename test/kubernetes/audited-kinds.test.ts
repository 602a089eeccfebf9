/** What the API server is told to tell, what functions listen to, and what they may then read are the same kinds, cloud by cloud. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { KINDS_OF_CLOUD as ON_AWS } from "../../functions/aws/runtime/audit.ts";
import { KINDS_OF_CLOUD as ON_AZURE } from "../../functions/azure/runtime/audit.ts";
import { watchedKinds } from "../../lib/kubernetes/audit-event.ts";
import { yamlFile } from "./support/any-api-server.ts";
import { type Cloud, REVIEWED } from "./support/reviewed-rights.ts";

interface Policy {
  readonly rules: readonly {
    readonly level: string;
    readonly resources?: readonly { readonly group: string; readonly resources: readonly string[] }[];
  }[];
}

const OF_CLOUD = { aws: ON_AWS, azure: ON_AZURE };
const CLOUDS = Object.keys(OF_CLOUD) as Cloud[];

/** "machines.cluster.x-k8s.io", "secrets" */
const named = (resource: string, group: string): string => [resource, ...(group === "" ? [] : [group])].join(".");
const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "");

const { rules } = yamlFile("infra/kubernetes/audit-policy.yaml") as Policy;
const told = rules
  .filter(({ level }) => level !== "None")
  .flatMap(({ resources = [] }) =>
    resources.flatMap(({ group, resources: names }) => names.map((one) => named(one, group))),
  );

/** With the subresources that change a kind as its functions see it. */
const listenedTo = (cloud: Cloud): readonly string[] =>
  watchedKinds(OF_CLOUD[cloud]).flatMap(({ apiVersion, plural, status }) => {
    const parts = [
      plural,
      ...(plural === "machinepools" ? [`${plural}/scale`] : []),
      ...(status ? [`${plural}/status`] : []),
    ];
    return parts.map((part) => named(part, groupOf(apiVersion)));
  });

test("the audit policy tells of all that functions on some cloud listen to, and of nothing else", () => {
  deepStrictEqual([...told].sort(), [...new Set(CLOUDS.flatMap(listenedTo))].sort());
});

for (const cloud of CLOUDS) {
  test(`on ${cloud} nobody listens to kinds of another cloud`, () => {
    const others = CLOUDS.filter((one) => one !== cloud).flatMap((one) => OF_CLOUD[one].map(({ kind }) => kind));
    deepStrictEqual(
      watchedKinds(OF_CLOUD[cloud]).filter(({ kind }) => others.includes(kind)),
      [],
    );
  });

  test(`on ${cloud} the worker that gets a kind's key may read it`, () => {
    const { management } = REVIEWED[cloud];
    const mayGet = (resource: string) =>
      ["drain-continued", "pool-continued"].some((worker) =>
        management[worker]?.[resource]?.split(" ").includes("get"),
      );
    const kinds = watchedKinds(OF_CLOUD[cloud]).map(({ apiVersion, plural }) => named(plural, groupOf(apiVersion)));
    // Bootstrap configs of managed clusters are AWS's; elsewhere their keys lead to MachinePools, and to nothing of their own.
    const isElsewhere = (resource: string) => cloud !== "aws" && /^(eks|nodeadm)configs\./.test(resource);
    deepStrictEqual(
      kinds.filter((resource) => !mayGet(resource) && !isElsewhere(resource)),
      [],
    );
  });
}
