/** The SDK's clients as pools are reconciled with them, their commands carried to the local AWS by the wire of the simulation. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { awsPoolProvider } from "../../../lib/providers/aws/pool/index.ts";
import type { PoolProvider } from "../../../lib/providers/pool-provider.ts";
import { type AskCloud, askerFor, type CloudDoor } from "../cloud.ts";
import type { Pass } from "../pass.ts";

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
}

/** EC2's query protocol has names of its own for these lists. */
const EC2_NAMES: Readonly<Record<string, string>> = { Resources: "ResourceIds", Versions: "LaunchTemplateVersions" };

/** An empty text says "none" there, as no member does here. */
const onTheWire = (input: Command["input"], names: Readonly<Record<string, string>>): Command["input"] =>
  Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [names[name] ?? name, value]),
  );

/** Nothing of the client is made but its face: what it would do on the network is the wire's. */
function facing<Client extends object>(kind: { readonly prototype: Client }, ask: AskCloud, service: string): Client {
  const names = service === "ec2" ? EC2_NAMES : {};
  const send = (command: Command) =>
    ask(service, command.constructor.name.replace(/Command$/, ""), onTheWire(command.input, names));
  return Object.create(kind.prototype, { send: { value: send } });
}

export function poolProviderFor(door: CloudDoor, pass: Pass, now: () => Date): PoolProvider {
  const ask = askerFor(door, pass);
  return awsPoolProvider({
    makeClients: () => ({
      autoScaling: async () => facing(AutoScalingClient, ask, "autoscaling"),
      ec2: async () => facing(EC2Client, ask, "ec2"),
      s3: async () => facing(S3Client, ask, "s3"),
      ssm: async () => facing(SSMClient, ask, "ssm"),
      sts: async () => facing(STSClient, ask, "sts"),
    }),
    hookPrefix: "lifeguard-",
    controllerNamespace: "capa-system",
    now,
  });
}
