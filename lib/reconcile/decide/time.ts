/** Times as the API writes them and as decisions count them: RFC 3339 strings and seconds since 1970. */

/** @throws RangeError when the text is no time: the caller's schema should have refused it */
export function secondsOf(time: string): number {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) throw new RangeError(`not an RFC 3339 time: ${JSON.stringify(time)}`);
  return milliseconds / 1000;
}

/** Whole seconds, as meta/v1 Time has them. */
export const timeOf = (seconds: number): string =>
  new Date(Math.floor(seconds) * 1000).toISOString().replace(/\.\d{3}Z$/, "Z");
