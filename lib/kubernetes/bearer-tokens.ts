/** Which bearer tokens are good right now: read from where they are kept, compared without telling how much was right. */
import { createHash, timingSafeEqual } from "node:crypto";

export interface BearerTokens {
  /** @param authorization the header, or nothing; throws when the tokens cannot be read */
  areIn(authorization: string | undefined): Promise<boolean>;
}

export interface TokenSource {
  /** One token per line; two while they are changed. */
  readonly read: () => Promise<string>;
  readonly now: () => Date;
}

const MAX_TOKENS = 2;
/** So long a withdrawn token may still be taken, and a new one not yet. */
const KEPT_SECONDS = 60;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

export function bearerTokens({ read, now }: TokenSource): BearerTokens {
  let kept: { readonly digests: readonly Buffer[]; readonly until: number } | undefined;
  const current = async (): Promise<readonly Buffer[]> => {
    if (kept && now().getTime() < kept.until) return kept.digests;
    const digests = digestsOf(await read());
    kept = { digests, until: now().getTime() + KEPT_SECONDS * 1000 };
    return digests;
  };
  return {
    areIn: async (authorization) => {
      const given = digest(/^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? "");
      const matches = (await current()).map((good) => timingSafeEqual(good, given));
      return matches.includes(true);
    },
  };
}

function digestsOf(text: string): readonly Buffer[] {
  const tokens = text.split(/\s+/).filter((token) => token !== "");
  if (tokens.length > 0 && tokens.length <= MAX_TOKENS) return tokens.map(digest);
  throw new Error(
    `the secret of the audit webhook holds ${tokens.length} tokens: it must hold one, or two while they are changed`,
  );
}
