import { createHmac, randomBytes } from 'node:crypto'
import { invalid } from './aws-error.js'

/** What a list operation asks for. */
export interface PageInput {
  maxResults?: number | undefined
  nextToken?: string | undefined
}

export interface Page<T> {
  items: T[]
  nextToken: string | undefined
}

/** It is below what AWS gives. So a client that stops after the first page is found out. */
const DEFAULT_RESULTS = 20
const MAX_RESULTS = 100

/**
 * Cuts lists into pages. A token holds the key after which to go on. It works for its own list only, also if
 * items were added or deleted meanwhile.
 */
export class Pages {
  readonly #secret = randomBytes(32)

  /**
   * Cuts one page.
   *
   * @param listing names the list, and who asks for it
   * @throws AwsFault ValidationException if the token is of another list.
   */
  cut<T>(
    listing: string,
    items: readonly T[],
    keyOf: (item: T) => number,
    { maxResults = DEFAULT_RESULTS, nextToken }: PageInput,
  ): Page<T> {
    if (maxResults < 1) {
      const message = 'Member must be greater than or equal to 1'
      throw invalid([{ name: 'maxResults', message }])
    }
    const after = nextToken === undefined ? -1 : this.#read(listing, nextToken)
    const rest = items.filter((item) => keyOf(item) > after)
    const page = rest.slice(0, Math.min(maxResults, MAX_RESULTS))
    const last = page.at(-1)
    const isLast = last === undefined || page.length === rest.length
    return { items: page, nextToken: isLast ? undefined : this.#write(listing, keyOf(last)) }
  }

  #write(listing: string, key: number): string {
    return Buffer.from(`${key}.${this.#seal(listing, key)}`).toString('base64url')
  }

  #read(listing: string, token: string): number {
    const [digits = '', seal] = Buffer.from(token, 'base64url').toString().split('.')
    const key = Number(digits)
    if (Number.isSafeInteger(key) && seal === this.#seal(listing, key)) return key
    throw invalid([{ name: 'nextToken', message: 'Member is not a token of this listing' }])
  }

  #seal(listing: string, key: number): string {
    return createHmac('sha256', this.#secret).update(`${key} ${listing}`).digest('base64url')
  }
}
