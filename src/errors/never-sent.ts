/**
 * Codes of Node, and of undici, that mean that a name was not found or no connection was made. Codes for
 * unreachable networks and hosts are not among them. An open connection can end with such a code too, with
 * the request on its way.
 */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** How many causes are looked at. An error of `fetch` has the error of the connection as its cause. */
const MAX_CAUSES = 4

/**
 * True if nobody can have seen the request, since no connection was made. The code of the error says so, or
 * that it is an error of connecting, or the code of one of its causes. Such a request is safe to repeat,
 * whatever it pays.
 */
export function wasNeverSent(error: unknown): boolean {
  let current = error
  for (let depth = 0; depth <= MAX_CAUSES; depth++) {
    const { code, syscall, cause, errors } = fieldsOf(current)
    if (NEVER_SENT.has(code) || syscall === 'connect') return true
    // Node.js tries every address of a host, and reports one error for each.
    if (Array.isArray(errors) && errors.length > 0) return errors.every(isOfConnecting)
    current = cause
  }
  return false
}

function isOfConnecting(error: unknown): boolean {
  const { code, syscall } = fieldsOf(error)
  return NEVER_SENT.has(code) || syscall === 'connect'
}

function fieldsOf(thrown: unknown): Record<string, unknown> {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {}
}
