const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Writes an address of Solana as text.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-msporny-base58-03
 */
export function base58(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  const zeros = /^(?:00)*/.exec(hex)?.[0] ?? ''
  let value = BigInt(`0x${hex}`)
  let text = ''
  while (value > 0n) {
    text = ALPHABET.charAt(Number(value % 58n)) + text
    value /= 58n
  }
  return '1'.repeat(zeros.length / 2) + text
}
