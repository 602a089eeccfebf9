/** What the person who packages can mend; told without a stack. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
