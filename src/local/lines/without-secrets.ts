/** A hash of a transaction, an address, or the id of a plan. */
const PUBLIC = /^(0x([\dA-Fa-f]{64}|[\dA-Fa-f]{40})|\d{40,78})$/

/**
 * A text without what could be a token, a key or a signature: long runs of characters that are no path and no words. A
 * handler that takes no payment sees those of its callers, and may quote them in an error.
 */
export function withoutSecrets(text: string): string {
  return text.replace(/[\w+=~-]{40,}(\.[\w+=~-]{8,})*/g, (run) => (PUBLIC.test(run) ? run : '…'))
}
