/** The packaged service and a local Azure to deploy it to, started anew for every test. */
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import type { TokenCredential } from "@azure/identity";
import { type Arm, createArm } from "../../../infra/azure/deploy/arm.ts";
import { type DeploymentsServer, startDeployments } from "../../../infra/local/azure/deployments/server.ts";
import { existingSecrets, type PackagedAzure, packagedAzure } from "./packaged-azure.ts";

const credential: TokenCredential = {
  getToken: async () => ({ token: "of-a-person", expiresOnTimestamp: Date.now() + 3_600_000 }),
};
/** Nobody has to wait. */
export const wait = async () => {};

export interface LocalDeployments {
  readonly service: () => PackagedAzure;
  readonly server: () => DeploymentsServer;
  /** Starts the local Azure with what is there already: ids and their types. */
  readonly open: (existing?: Readonly<Record<string, string>>) => Promise<Arm>;
}

/** For a suite: packaged once before it, and taken away after it. */
export function localDeployments(): LocalDeployments {
  let packaged: PackagedAzure | undefined;
  let azure: DeploymentsServer | undefined;
  before(async () => {
    packaged = await packagedAzure();
  });
  after(() => packaged?.remove());
  afterEach(async () => {
    await azure?.stop();
    azure = undefined;
  });
  return {
    service: () => packaged ?? assert.fail("nothing was packaged"),
    server: () => azure ?? assert.fail("no server runs"),
    open: async (existing = existingSecrets()) => {
      azure = await startDeployments({ existing });
      return createArm({ endpoint: azure.endpoint, ca: azure.caPem, credential, maxRetries: 0 });
    },
  };
}
