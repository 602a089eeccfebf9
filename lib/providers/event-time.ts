/** Times of clouds' events as RFC 3339 in whole seconds, which is what Kubernetes objects carry and what every shape agrees on. */

export const wholeSeconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, "Z");

/** @param time as readTime or wholeSeconds gave it */
export const secondsAfter = (time: string, seconds: number): string =>
  wholeSeconds(new Date(Date.parse(time) + seconds * 1000));

/** RFC 3339 or RFC 1123 in, RFC 3339 out; undefined when it is no time between 1970 and 9000. */
export function readTime(text: string | undefined): string | undefined {
  const time = new Date(text ?? "");
  const year = time.getUTCFullYear();
  return year >= 1970 && year < 9000 ? wholeSeconds(time) : undefined;
}
