import { createHmac, randomBytes } from 'node:crypto'
import { invalid } from './aws-error.js'

/** What a listing asks for. */
export interface PageInput {
  maxResults?: number | undefined
  nextToken?: string | undefined
}

export interface Page<T> {
  items: T[]
  nextToken: string | undefined
}

/** A client that stops after the first page shall notice. */
const DEFAULT_RESULTS = 20
const MAX_RESULTS = 100

/**
 * Cuts listings into pages. A token says after which key to go on; it is good for the listing it came
 * from, and also when items are added or deleted meanwhile.
 */
export class Pages {
  readonly #secret = randomBytes(32)

  /**
   * `listing` names who lists what.
   *
   * @throws AwsFault ValidationException for a token that is not of this listing.
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
