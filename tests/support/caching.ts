/**
 * The headers of answers about caches, and about when to come back. A challenge is for now only. A sold
 * answer is for its buyer only.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2
 */
export const NO_STORE = { 'Cache-Control': 'no-store' }
export const PRIVATE = { 'Cache-Control': 'private' }
export const COME_BACK = { ...NO_STORE, 'Retry-After': '1' }
