/**
 * A facilitator's reason, if it is safe to send out: short, printable, and without anything that could
 * be a token, signature, address or calldata (those have long words with digits or mixed case).
 */
export function publicReason(reason: unknown): string | undefined {
  if (typeof reason !== 'string' || !/^[\x20-\x7e]{1,120}$/.test(reason)) return undefined
  const words = reason.split(/[^A-Za-z0-9]+/)
  return words.every(isHarmless) ? reason : undefined
}

function isHarmless(word: string): boolean {
  return word.length < 12 || (word.length < 24 && /^([a-z]+|[A-Z]+|[A-Z][a-z]+)$/.test(word))
}
