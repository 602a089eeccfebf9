/** A stand-in for upstream's kubeadm bootstrap provider: the Secret with the join data, its token, and whom a token lets in. */
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { CLUSTER_NAME_LABEL } from "../../../../lib/api/core/labels.ts";
import { type Secret, secrets } from "../../../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../../../lib/kubernetes/client.ts";
import type { Instance } from "../../aws/fleet.ts";
import type { LocalCloud } from "../../local-cloud.ts";
import { providerIDOf } from "../aws-infrastructure.ts";
import { paceOf } from "../pace.ts";
import { kubeadmConfigs, ON_AWS, type PoolNames } from "./manifests.ts";

/** As kubeadm spells bootstrap tokens: six characters, a dot, sixteen. */
const tokenNumber = (number: number): string => `token${number % 10}.${String(number).padStart(16, "0")}`;

export interface Bootstrap {
  /** Config and Secret are there, and the config says so. */
  publish(): Promise<void>;
  /** A new token takes the old one's place: what still carries the old one joins no more. */
  rotate(): Promise<void>;
  /** The content changes, as an edit of the KubeadmConfig makes it change. */
  change(nodeLabels: string): Promise<void>;
  lets(userData: string): boolean;
}

const cloudConfig = (token: string, nodeLabels: string) =>
  `#cloud-config\nwrite_files:\n- path: /run/kubeadm/join.yaml\n  content: |\n    token: ${token}\n    nodeLabels: ${nodeLabels}\n`;

/** @source cluster-api bootstrap/kubeadm/internal/controllers/kubeadmconfig_controller.go (rotateMachinePoolBootstrapToken) */
export function startBootstrap(management: KubernetesClient, names: PoolNames = ON_AWS): Bootstrap {
  const { namespace, cluster, pool } = names;
  const secret = `${pool}-data`;
  const at = { namespace, name: pool };
  let number = 1;
  let labels = "team=shop";
  const data = () => ({
    value: Buffer.from(cloudConfig(tokenNumber(number), labels)).toString("base64"),
    format: Buffer.from("cloud-config").toString("base64"),
  });
  const rewrite = async () => {
    const place = { namespace, name: secret };
    await management.patch(secrets, place, { type: "merge", body: { data: data() } });
  };
  return {
    publish: async () => {
      await management.create<Secret>(secrets, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: secret, namespace, labels: { [CLUSTER_NAME_LABEL]: cluster } },
        type: "cluster.x-k8s.io/secret",
        data: data(),
      });
      const status = { dataSecretName: secret, initialization: { dataSecretCreated: true } };
      await management.patch(kubeadmConfigs, at, { type: "merge", body: { status } }, "status");
    },
    rotate: async () => {
      number += 1;
      await rewrite();
    },
    change: async (nodeLabels) => {
      labels = nodeLabels;
      await rewrite();
    },
    lets: (userData) => /token: (\S+)/.exec(userData)?.[1] === tokenNumber(number),
  };
}

const versions = z.object({
  LaunchTemplateVersions: z.array(z.object({ LaunchTemplateData: z.object({ UserData: z.base64().optional() }) })),
});

/** What cloud-init finds on the instance; undefined: nothing, or its template is gone. */
async function userDataOf({ aws }: LocalCloud, { member }: Instance): Promise<string | undefined> {
  if (!member) return undefined;
  const { LaunchTemplateId, Version } = member.template;
  const asked = { LaunchTemplateId, LaunchTemplateVersions: [Version] };
  const answer = await aws.cloud.handle("ec2", "DescribeLaunchTemplateVersions", asked);
  const [version] = versions.parse(answer).LaunchTemplateVersions;
  const bytes = Buffer.from(version?.LaunchTemplateData.UserData ?? "", "base64");
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** Its image carries the kubelet: images are named by Kubernetes version. */
const kubeletOf = ({ aws }: LocalCloud, { imageId }: Instance): string | undefined =>
  /-(v\d+\.\d+\.\d+)-/.exec(aws.cloud.images.get(imageId)?.name ?? "")?.[1];

/** An instance becomes a Node only when the user data of its launch template brings a token that is good. */
export function attachMachines(cloud: LocalCloud, bootstrap: Bootstrap, onStranger: (id: string) => void): void {
  const { aws, cluster, clock } = cloud;
  const { nodeSeconds } = paceOf(cloud.real);
  const speed = { bootSeconds: nodeSeconds, readySeconds: nodeSeconds };
  const join = async (instance: Instance) => {
    const userData = await userDataOf(cloud, instance);
    if (userData === undefined || !bootstrap.lets(userData)) return onStranger(instance.id);
    const { zone, instanceType, privateDnsName: name } = instance;
    const kubeletVersion = kubeletOf(cloud, instance);
    const machine = { name, providerID: providerIDOf(instance), zone, region: aws.cloud.region, instanceType };
    cluster.bootNode({ ...machine, ...speed, ...(kubeletVersion && { kubeletVersion }) });
  };
  aws.cloud.onInstance(({ instance, state }) => {
    if (state === "shutting-down") cluster.instanceGone(providerIDOf(instance));
    if (state !== "running") return;
    const release = clock.hold();
    void join(instance).finally(release);
  });
}
