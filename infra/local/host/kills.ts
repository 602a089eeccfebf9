/** Invocations that die before they send a certain request. */
import type { Outgoing } from "./lambda.ts";

/** The next `times` invocations that send such a request die instead. */
export interface Kill {
  readonly function: string;
  readonly before: (call: Outgoing) => boolean;
  readonly times: number;
}

export function killer() {
  const kills: { readonly kill: Kill; left: number }[] = [];
  const diesBefore = (name: string) => (call: Outgoing) => {
    const found = kills.find(({ kill, left }) => left > 0 && kill.function === name && kill.before(call));
    if (found) found.left--;
    return found !== undefined;
  };
  return { kill: (kill: Kill) => void kills.push({ kill, left: kill.times }), diesBefore };
}
