/** What the local Azure refuses with: the code and message of ARM's error body, and the HTTP status. */

export class ArmError extends Error {
  override readonly name = "ArmError";
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: string, message: string, status = 400, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

export const invalid = (message: string) => new ArmError("InvalidParameter", message);

export const notFound = (type: string, name: string, group: string) =>
  new ArmError(
    "ResourceNotFound",
    `The Resource '${type}/${name}' under resource group '${group}' was not found.`,
    404,
  );

/** Another write of the same resource is under way. */
export const busy = (name: string) =>
  new ArmError(
    "OperationNotAllowed",
    `Another operation on scale set '${name}' is in progress: wait for it to end and try again.`,
    409,
    { "retry-after": "10" },
  );
