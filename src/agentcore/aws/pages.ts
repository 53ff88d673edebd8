import { unreadable } from './aws-error.js'
import type { Page } from './operations.js'

/** The most managers or connectors that AWS lists at once. */
export const PAGE_SIZE = 100

/** One answer of a list operation. */
interface PageOf<T> {
  items: readonly T[]
  nextToken: string | undefined
}

/** Every item of a list. Each page is fetched when it is needed. */
export async function* everyItem<T>(
  operation: string,
  input: Page,
  fetchPage: (nextToken: string | undefined) => Promise<PageOf<T>>,
): AsyncGenerator<T, void, undefined> {
  let token = (input as Page | null)?.nextToken
  do {
    const { items, nextToken } = await fetchPage(token)
    yield* items
    // The list would never end.
    if (nextToken !== undefined && nextToken === token) throw unreadable(operation)
    token = nextToken
  } while (token !== undefined)
}
