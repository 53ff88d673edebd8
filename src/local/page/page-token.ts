import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The header in which the page shows its token. Browsers let no page of another origin set it without a question. */
export const TOKEN_HEADER = 'x-agentcore-x402-page'

/** What only the page of this stack knows. Without it, other pages in the same browser could use its API. */
export class PageToken {
  readonly text = randomBytes(24).toString('base64url')

  isIn({ headers }: IncomingMessage): boolean {
    const given = headers[TOKEN_HEADER]
    return typeof given === 'string' && timingSafeEqual(hash(given), hash(this.text))
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
