import { inspect } from 'node:util'
import type { PaidHandler } from '../../src/index.js'
import type { Local } from '../../src/local/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { isRecord } from '../../src/wire/json.js'
import { recordingLogger } from './seller.js'

/** A text that must not come out, and its name. */
export interface Secret {
  name: string
  value: string
}

/** A quote of a secret that is shorter than this does not count. Unit: characters. */
const PIECE = 12

/** The secrets of both API keys of a stack, and of tokens. */
export function secretsOf(local: Local, ...tokens: string[]): Secret[] {
  const keys = [local.nvmApiKey, local.subscriberApiKey].flatMap(secretsOfKey)
  return [...keys, ...tokens.flatMap(secretsOfToken)]
}

/**
 * The parts of a token with which others could spend: signature, nonce and session keys. The rest is public.
 */
export function secretsOfToken(token: string): Secret[] {
  const payload = record(decodeHeader(token)?.['payload'])
  const authorization = record(payload['authorization'])
  const keys = Array.isArray(authorization['sessionKeys']) ? authorization['sessionKeys'] : []
  const found: Secret[] = [
    ...named('signature', payload['signature']),
    ...named('nonce', authorization['nonce']),
    ...keys.flatMap((key) => named('session key', record(key)['data'])),
  ]
  if (found.length === 0) throw new Error('the token holds no secret')
  return found
}

/** The part of an API key with which others could act: the signature of its JWT. */
function secretsOfKey(key: string): Secret[] {
  const signature = key.split('.')[2]
  if (signature === undefined) throw new Error('the key holds no signature')
  const decoded = Buffer.from(signature, 'base64url').toString()
  return [...named('API key', signature), ...named('API key, decoded', decoded)]
}

/** Keeps everything that a wrapped handler shows to others: to the handler, the hooks and the logger. */
export function recorder() {
  const logger = recordingLogger()
  const seen: unknown[] = []
  const see = (...args: unknown[]) => void seen.push(...args)
  const watch =
    (handler: PaidHandler): PaidHandler =>
    (event, context, payment) => {
      see(event, payment)
      return handler(event, context, payment)
    }
  const hooks = { onBeforeVerify: see, onAfterVerify: see, onAfterSettle: see, onPaymentError: see }
  return { logger, hooks, watch, everything: () => [...seen, ...logger.lines] }
}

/** Finds secrets in any output: plain, encoded once or twice, or in pieces. */
export function leaks(out: unknown, secrets: readonly Secret[]): string[] {
  const pieces = new Map<string, string>()
  for (const { name, value } of secrets) {
    for (const form of formsOf(value)) {
      for (const piece of piecesOf(form)) pieces.set(piece, name)
    }
  }
  const found = new Set<string>()
  for (const text of readingsOf(printed(out), 3)) {
    for (const piece of piecesOf(text)) {
      const name = pieces.get(piece)
      if (name !== undefined) found.add(name)
    }
  }
  return [...found]
}

/** Everything that a value shows when it is printed, as JSON and on the console. */
export function printed(value: unknown): string {
  if (typeof value === 'string') return value
  const options = { depth: null, maxArrayLength: null, maxStringLength: null, showHidden: true }
  return [json(value), inspect(value, options), ...errorTexts(value)].join('\n')
}

function json(value: unknown): string {
  return JSON.stringify([value], (_, item: unknown) =>
    typeof item === 'bigint' ? item.toString() : item,
  )
}

function errorTexts(value: unknown): string[] {
  if (!(value instanceof Error)) return []
  return [value.message, value.stack ?? '', String(value), printed(value.cause ?? '')]
}

/** The forms in which a secret may be written. In base64 it looks different at each of three positions. */
function formsOf(value: string): string[] {
  const shifted = ['', '.', '..'].flatMap((before) => {
    const buffer = Buffer.from(before + value)
    // The characters at both ends depend on what is beside the secret.
    return (['base64', 'base64url'] as const).map((encoding) =>
      buffer
        .toString(encoding)
        .replace(/=+$/, '')
        .slice(before.length === 0 ? 0 : 4, -1),
    )
  })
  return [value, value.toLowerCase(), value.toUpperCase(), encodeURIComponent(value), ...shifted]
}

function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at + PIECE <= text.length; at++) yield text.slice(at, at + PIECE)
}

/** A text, and every text in it that can be decoded. */
function readingsOf(text: string, depth: number): string[] {
  if (depth === 0) return [text]
  const runs = text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []
  const decoded = [...new Set(runs)].map((run) => Buffer.from(run, 'base64').toString())
  const unescaped = text.replace(/(%[0-9A-Fa-f]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  )
  const inner = [...decoded, ...(unescaped === text ? [] : [unescaped])]
  return [text, ...inner.flatMap((one) => readingsOf(one, depth - 1))]
}

function named(name: string, value: unknown): Secret[] {
  return typeof value === 'string' && value.length >= PIECE ? [{ name, value }] : []
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
