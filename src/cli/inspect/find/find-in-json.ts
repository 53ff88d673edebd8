import { isRecord, parseJson } from '../../../wire/json.js'
import { kindOf } from './kind-of.js'
import type { Found } from './found.js'
import { mayBeBase64 } from './read-base64.js'

/** Bounds of the search. A paste of 1 MiB stays quick with them. */
const MAX_DEPTH = 12
const MAX_VALUES = 20_000

/** Reads the texts in which more may be. */
export interface TextReader {
  /** A header, by its name in lower case. `false` if no header of that name is known. */
  header: (name: string, text: string, carrier: string) => boolean
  /** Base64 that may be of a JSON object. */
  base64: (text: string, carrier: string) => void
  /** Any other text. */
  text: (text: string, carrier: string) => void
}

/** Searches a JSON value for everything that is known. */
export class JsonSearch {
  readonly #found: Found
  readonly #read: TextReader
  #left = MAX_VALUES

  constructor(found: Found, read: TextReader) {
    this.#found = found
    this.#read = read
  }

  /** @param path where the value is; empty for the whole */
  search(value: unknown, path: string, depth = 0): void {
    if (depth > MAX_DEPTH || this.#left-- <= 0 || this.#found.isFull) return
    if (typeof value === 'string') return this.#text(value, path)
    if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) this.search(one, `${path}[${at}]`, depth + 1)
    }
    if (!isRecord(value)) return
    const { own, message } = apart(value)
    const kind = kindOf(own)
    if (kind !== undefined) this.#found.add({ kind, value: own, carrier: path })
    const inner = kind === undefined ? value : message
    for (const [name, one] of Object.entries(inner)) this.#member(name, one, { path, depth })
  }

  #member(name: string, value: unknown, { path, depth }: { path: string; depth: number }): void {
    const at = memberPath(path, name)
    if (typeof value === 'string' && this.#read.header(name.toLowerCase(), value, at)) return
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) {
      // A header that came several times is a list.
      for (const one of value)
        if (!this.#read.header(name.toLowerCase(), one, at)) this.#text(one, at)
      return
    }
    this.search(value, at, depth + 1)
  }

  #text(text: string, path: string): void {
    const trimmed = text.trim()
    if (mayBeBase64(trimmed)) this.#read.base64(trimmed, path)
    else if (/^[[{]/.test(trimmed)) {
      const inner = parseJson(trimmed)
      if (inner === undefined) this.#read.text(text, path)
      else this.search(inner, path, 1)
    } else if (/[{:]|payment/i.test(trimmed)) this.#read.text(text, path)
  }
}

/**
 * What a message of JSON-RPC has beside its own members. Sellers put the challenge of x402 v1 there, for clients of plain
 * HTTP.
 */
function apart(value: Record<string, unknown>) {
  if (value['jsonrpc'] === undefined) return { own: value, message: {} }
  const isOfRpc = ([name, one]: [string, unknown]): boolean =>
    RPC_MEMBERS.includes(name) && !(name === 'error' && typeof one === 'string')
  const members = Object.entries(value)
  return {
    own: Object.fromEntries(members.filter((one) => !isOfRpc(one))),
    message: Object.fromEntries(members.filter(isOfRpc)),
  }
}

const RPC_MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error']

function memberPath(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}
