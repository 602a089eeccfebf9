/** What the local AWS refuses with: the code as it stands on the wire (not the SDK's class name) and its HTTP status. */

export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const validationError = (message: string) => new AwsError("ValidationError", message);

export const noSuchQueue = (name: string) =>
  new AwsError("AWS.SimpleQueueService.NonExistentQueue", `The specified queue does not exist: ${name}.`);
