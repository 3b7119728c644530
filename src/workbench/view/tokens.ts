import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a token opens: everything, or the labels of one person in one run and nothing else. */
export type TokenAccess =
  | { readonly kind: 'all' }
  | { readonly kind: 'label'; readonly run: number; readonly labeller: string };

/**
 * Who may see what. A link carries a token once; the browser then keeps it in a cookie that no script can read. The name of
 * the cookie is the server's own, because cookies do not tell ports apart.
 */
export class AccessTokens {
  readonly #cookie = `stemma-${randomBytes(4).toString('hex')}`;
  readonly #tokens = new Map<string, TokenAccess>();

  /** A new token for this access; for one person's labels always the same one. */
  issue(access: TokenAccess): string {
    for (const [token, other] of this.#tokens)
      if (JSON.stringify(other) === JSON.stringify(access)) return token;
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, access);
    return token;
  }

  /** What a token opens; `null` for a wrong one. */
  access(token: string | null | undefined): TokenAccess | null {
    if (!token) return null;
    const given = Buffer.from(token);
    for (const [known, access] of this.#tokens) {
      const wanted = Buffer.from(known);
      if (given.length === wanted.length && timingSafeEqual(given, wanted)) return access;
    }
    return null;
  }

  /** What the cookie of a request opens. */
  accessOf({ headers }: IncomingMessage): TokenAccess | null {
    const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim());
    const own = cookies.find((each) => each.startsWith(`${this.#cookie}=`));
    return this.access(own?.slice(this.#cookie.length + 1));
  }

  /** The header that has the browser keep a token. */
  cookieFor(token: string): string {
    return `${this.#cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`;
  }
}
