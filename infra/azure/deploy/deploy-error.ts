/** Why a deployment ended, in full and for the person who started it. */
export class DeployError extends Error {
  override readonly name = "DeployError";
}
