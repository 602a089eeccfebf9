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

/** The connection dies without an answer; whether the call took effect is for the caller to find out. */
export class ConnectionDropped extends Error {
  override readonly name = "ConnectionDropped";
}

export const validationError = (message: string) => new AwsError("ValidationError", message);
