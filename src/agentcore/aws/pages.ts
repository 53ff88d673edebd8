import { unreadable } from './aws-error.js'
import type { Page } from './operations.js'

/** The most AWS gives at once of managers, and of connectors. */
export const PAGE_SIZE = 100

/** One answer of a list operation. */
interface PageOf<T> {
  items: readonly T[]
  nextToken: string | undefined
}

/** Every item of a list, page by page as they are asked for. */
export async function* everyItem<T>(
  operation: string,
  input: Page,
  fetchPage: (nextToken: string | undefined) => Promise<PageOf<T>>,
): AsyncGenerator<T, void, undefined> {
  let token = (input as Page | null)?.nextToken
  do {
    const { items, nextToken } = await fetchPage(token)
    yield* items
    // It would never end.
    if (nextToken !== undefined && nextToken === token) throw unreadable(operation)
    token = nextToken
  } while (token !== undefined)
}
