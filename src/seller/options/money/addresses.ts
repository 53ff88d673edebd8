import { keccak256 } from './keccak.js'

/**
 * Says what is wrong with the address of a payee or a token. On EVM chains and Solana, everything is checked
 * that the text can tell. On other networks only the alphabet is checked.
 *
 * @returns what was expected, or `undefined` if nothing is wrong.
 * @see https://eips.ethereum.org/EIPS/eip-55
 */
export function addressProblem(text: unknown, network: string): string | undefined {
  const expected = `expected an address on ${network}`
  if (typeof text !== 'string') return expected
  const isEvm = network.startsWith('eip155:')
  const isSolana = network.startsWith('solana:')
  const form = isEvm ? EVM : isSolana ? SOLANA : ANY
  const isOne = form.test(text) && (!isSolana || isOf32Bytes(text))
  if (!isOne) return `${expected}, got ${seen(text, isSolana)}`
  if (isEvm ? isNobodys(text) : isSolana && SYSTEM.test(text)) {
    return `expected an address that somebody owns, got ${text}: money that is sent there is lost`
  }
  return isEvm && !hasGoodChecksum(text) ? `${WRONG_CHECKSUM}, got ${text}: ${MEND}` : undefined
}

/** What was given. A private key or the words of a wallet may be given by mistake, and are not shown. */
function seen(text: string, isSolana: boolean): string {
  if (text.length > MAX_CHARS || /(\w+\s+){3}/.test(text)) {
    return `a text of ${text.length} characters, which may be a secret`
  }
  const quoted = JSON.stringify(text)
  if (EVM.test(text)) return `${quoted}, an address of an EVM chain`
  if (text.endsWith('.eth')) return `${quoted}, a name for an address`
  return !isSolana && SOLANA.test(text) ? `${quoted}, an address of Solana` : quoted
}

/** A private key has 64 hexadecimal digits. Unit: characters. */
const MAX_CHARS = 63
const EVM = /^0x[\da-fA-F]{40}$/
const SOLANA = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/
const ANY = /^[\w.:/-]{1,128}$/
/** The program that all accounts of Solana without another owner belong to. */
const SYSTEM = /^1+$/
const WRONG_CHECKSUM = 'expected an address whose mixed case is its checksum (EIP-55)'
const MEND =
  'a character may be wrong. Copy the address again. In lower case it is accepted without this check'

/** An address in one case only has no checksum. */
function hasGoodChecksum(text: string): boolean {
  const digits = text.slice(2)
  const lower = digits.toLowerCase()
  if (digits === lower || digits === digits.toUpperCase()) return true
  const hash = keccak256(lower)
  const right = Array.from(lower, (digit, i) =>
    parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit,
  )
  return digits === right.join('')
}

/** True of the zero address, of built-in contracts, and of addresses that burn tokens or stand for none. */
function isNobodys(text: string): boolean {
  const digits = text.slice(2).toLowerCase()
  return /^0{36}/.test(digits) || /^(0*(dead)+|(dead)+0*|f{40}|e{40})$/.test(digits)
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function isOf32Bytes(text: string): boolean {
  const value = Array.from(text).reduce(
    (sum, digit) => sum * 58n + BigInt(BASE58.indexOf(digit)),
    0n,
  )
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  const digits = value === 0n ? 0 : value.toString(16).length
  return zeros + Math.ceil(digits / 2) === 32
}
