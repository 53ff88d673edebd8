import { publicReason } from './redact.js'

/**
 * A value that was given for an option, as an error may show it. Secrets do not go out: an option that holds
 * a secret is shown by its kind and length alone. So is a text that could be a token, a key or a password.
 */
export function shown(option: string, value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing'
    case 'string':
      return SECRET.test(option) ? lengthOf(value) : quoted(value)
    case 'number':
    case 'boolean':
      return String(value)
    case 'bigint':
      return `${value}n`.slice(0, MAX_CHARS)
    case 'object':
      return shownObject(option, value, depth)
    default:
      return `a ${typeof value}`
  }
}

/** Names of options that hold or may hold a secret, or that name an account of AWS. */
const SECRET =
  /key|secret|token|passw|phrase|credential|auth|sign|jwt|private|mnemonic|seed|bearer|cookie|session|header|env(?!ironment)|arn$/i

/** Unit: characters. */
const MAX_CHARS = 60
const MAX_ITEMS = 5

function lengthOf({ length }: string): string {
  return `a text of ${length} character${length === 1 ? '' : 's'}`
}

function quoted(text: string): string {
  // A URL often has a password before its host, or a token after its path.
  const plain = text.replaceAll(/[^\s/@]*@/g, '…@').replace(/[?#].*$/s, '…')
  const isPublic = text === '' || publicReason(plain.replaceAll('…', '.')) !== undefined
  return isPublic ? `'${plain.slice(0, MAX_CHARS)}'` : lengthOf(text)
}

function shownObject(option: string, value: object | null, depth: number): string {
  if (value === null) return 'null'
  if (!Array.isArray(value)) return nameOf(value)
  if (depth > 0 || value.length > MAX_ITEMS) return `a list of ${value.length}`
  return `[${value.map((one) => shown(option, one, depth + 1)).join(', ')}]`
}

/** `an object`, or the name of its class. */
function nameOf(value: object): string {
  const { name } = (value as { constructor?: { name?: unknown } }).constructor ?? {}
  const isClass = typeof name === 'string' && name !== 'Object' && /^[A-Z]\w{0,39}$/.test(name)
  return isClass ? `an object of the class ${name}` : 'an object'
}
