/** providerIDs of EC2 instances, as AWS's cloud provider writes them on Nodes and CAPA into pools: `aws:///<zone>/<instance id>`. */

const PROVIDER_ID = /^aws:\/\/\/[a-z0-9-]+\/(i-[0-9a-z]+)$/;
const INSTANCE_ID = /^i-[0-9a-z]+$/;

export const providerIdOf = (zone: string, instanceId: string): string => `aws:///${zone}/${instanceId}`;

/** undefined for every other form, Fargate's `aws:///<zone>/fargate-ip-...` among them. */
export const instanceIdOf = (providerID: string): string | undefined => PROVIDER_ID.exec(providerID)?.[1];

export const isInstanceId = (text: string): boolean => INSTANCE_ID.test(text);
