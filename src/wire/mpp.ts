import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'

/**
 * The wire of MPP, payments as HTTP authentication: `WWW-Authenticate: Payment …` asks,
 * `Authorization: Payment …` pays. A leaf; it imports nothing of ours.
 *
 * @see https://datatracker.ietf.org/doc/draft-ryan-httpauth-payment/
 */

/** One way to pay, as a `WWW-Authenticate` header offers it. */
export interface MppChallenge {
  /** Names the challenge. The credential repeats it, so that the server finds the challenge again. */
  id: string
  /** The part of the server that the payment gives access to, e.g. its host. */
  realm: string
  /** The payment method: `evm`, `tempo`, `solana`, … */
  method: string
  /** The purpose: `charge` is a single payment. */
  intent: string
  /** The request for payment, decoded. */
  request: MppRequest
  /** RFC 3339. */
  expires?: string
  /** The header that the credential goes into. Default: `Authorization`. */
  header?: string
  /** The text of this challenge, without the others in its header. */
  raw: string
}

const optionalText = z.nullish(z.string())
const RequestSchema = z.looseObject({
  amount: optionalText,
  currency: optionalText,
  recipient: optionalText,
  methodDetails: z.nullish(
    z.looseObject({ chainId: z.nullish(z.number()), network: optionalText }),
  ),
})
/**
 * The request for payment in an MPP challenge. `amount` is in the smallest unit of `currency`. `recipient`
 * gets the payment. Unknown members are kept.
 */
export type MppRequest = z.infer<typeof RequestSchema>

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const PARAMETER = new RegExp(
  `^(?:(${TOKEN})\\s+)?(${TOKEN})\\s*=\\s*("(?:[^"\\\\]|\\\\.)*"|${TOKEN})$`,
)
/** A longer header is not read. Unit: characters. */
const MAX_HEADER_CHARS = 65_536

/**
 * The well-formed payment challenges in `WWW-Authenticate`, in their order. Several challenges, of other
 * schemes too, may share a header or have one each.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function mppChallenges(
  header: string | readonly string[] | null | undefined,
): MppChallenge[] {
  return mppOffers(header).flatMap(({ challenge }) => challenge ?? [])
}

/** A challenge of scheme `Payment`, as it is written. */
export interface MppOffer {
  /** Its parameters, with names in lower case. */
  parameters: readonly (readonly [name: string, value: string])[]
  /** What it says. `undefined` if it is not well-formed. */
  challenge: MppChallenge | undefined
}

/** Every challenge of scheme `Payment` in `WWW-Authenticate`, also those that are not well-formed. */
export function mppOffers(header: string | readonly string[] | null | undefined): MppOffer[] {
  const text = (typeof header === 'string' ? [header] : (header ?? [])).join(', ')
  if (text.length > MAX_HEADER_CHARS) return []
  return paymentParts(text).map((parts) => ({
    parameters: parts.map(fieldOf),
    challenge: challengeOf(parts),
  }))
}

/** The parameters of each challenge of scheme `Payment`. */
function paymentParts(text: string): string[][] {
  const found: string[][] = []
  let current: string[] | undefined
  for (const part of splitAtCommas(text)) {
    const match = PARAMETER.exec(part)
    if (match === null) current = undefined
    else if (match[1] === undefined) current?.push(part)
    else if (match[1].toLowerCase() !== 'payment') current = undefined
    else found.push((current = [part.slice(match[1].length).trim()]))
  }
  return found
}

function splitAtCommas(text: string): string[] {
  // A quote that does not end goes to the end of the text. To search for its end again and again would take
  // seconds.
  return [...text.matchAll(/(?:"(?:[^"\\]|\\[^]?)*(?:"|$)|[^,"])+/g)].map(([part]) => part.trim())
}

function challengeOf(parts: readonly string[]): MppChallenge | undefined {
  const fields = Object.fromEntries(parts.map(fieldOf))
  // A signer may read the first of two fields, or read an escape in another way than we do.
  if (Object.keys(fields).length < parts.length || parts.some(isEscaped)) return undefined
  const { id, realm, method, intent, expires, header } = fields
  if (!id?.trim() || !realm?.trim() || !intent?.trim()) return undefined
  if (method === undefined || !/^[a-z]+$/.test(method)) return undefined
  const request = RequestSchema.safeParse(decodeObject(fields['request'])).data
  if (request === undefined) return undefined
  const raw = `Payment ${parts.join(', ')}`
  const more = { ...(expires && { expires }), ...(header && { header }) }
  return { id, realm, method, intent, request, ...more, raw }
}

function isEscaped(part: string): boolean {
  return part.includes('\\') && !/^description\s*=/i.test(part)
}

function fieldOf(part: string): [string, string] {
  const [, , name = '', value = ''] = PARAMETER.exec(part) ?? []
  const isQuoted = value.startsWith('"')
  return [name.toLowerCase(), isQuoted ? value.slice(1, -1) : value]
}

/** Base64url without padding over a JSON object. */
function decodeObject(text: string | undefined): unknown {
  const bytes = Buffer.from(text ?? '', 'base64url')
  if (text === undefined || bytes.toString('base64url') !== text) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** When a challenge expires; `undefined` if it does not say so in RFC 3339. Unit: ms since the epoch. */
export function expiryOf({ expires = '' }: MppChallenge): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(expires)) return undefined
  const ms = Date.parse(expires.toUpperCase())
  return Number.isNaN(ms) ? undefined : ms
}

/** Whether `expires` is in the past. A time that cannot be read counts as valid. */
export function isExpired(challenge: MppChallenge, nowMs: number): boolean {
  return (expiryOf(challenge) ?? Infinity) <= nowMs
}

/** Whether the credential goes into `Authorization`, and not into another header. */
export function isForAuthorization({ raw }: MppChallenge): boolean {
  return !/[\s,]header\s*=(?!\s*"?authorization"?\s*(?:,|$))/i.test(raw)
}

/**
 * The header that a credential goes into: `Authorization`, or the header that the challenge names. With the
 * latter, the caller's own `Authorization` can stay.
 *
 * @returns `undefined` if that is no header name, or one that means something else to servers and proxies
 */
export function credentialHeaderOf(challenge: MppChallenge): string | undefined {
  if (isForAuthorization(challenge)) return 'Authorization'
  const { header = '' } = challenge
  return HEADER_NAME.test(header) && !TAKEN_HEADERS.test(header) ? header : undefined
}

const HEADER_NAME = new RegExp(`^${TOKEN}$`)
/** @see https://fetch.spec.whatwg.org/#forbidden-request-header */
const TAKEN_HEADERS =
  /^(accept|access-control|content|if|proxy|sec|x-forwarded|x-amz|x-amzn)-|^(accept|connection|cookie2?|date|dnt|expect|forwarded|host|keep-alive|mcp-session-id|origin|payment-signature|range|referer|te|trailer|transfer-encoding|upgrade|user-agent|via|x-api-key|x-http-method-override|x-payment)$/i

/** The network that a challenge is paid on, in CAIP-2 if it has such a name. */
export function mppNetwork({ method, request }: MppChallenge): string | undefined {
  const { chainId, network } = request.methodDetails ?? {}
  if (method === 'solana') return `solana-${network?.replace('-beta', '') ?? 'mainnet'}`
  return typeof chainId === 'number' ? `eip155:${chainId}` : undefined
}

const CredentialSchema = z.looseObject({
  challenge: z.looseObject({ id: z.string(), realm: z.string() }),
  payload: z.looseObject({ value: optionalText, to: optionalText }),
})
export type MppCredential = z.infer<typeof CredentialSchema>

/** The credential in a value of `Authorization`, with or without its scheme; `undefined` if there is none. */
export function decodeCredential(value: string): MppCredential | undefined {
  const parsed = CredentialSchema.safeParse(decodeObject(value.replace(/^Payment\s+/i, '')))
  return parsed.success ? parsed.data : undefined
}

/** Whether a credential echoes the challenge it pays, to the last field of its request. */
export function isForChallenge(
  paid: MppCredential['challenge'],
  { id, realm, request }: MppChallenge,
): boolean {
  if (paid.id !== id || paid.realm !== realm) return false
  const echoed = paid['request']
  // Both go through JSON, since a clone may be of another realm.
  const asked: unknown = JSON.parse(JSON.stringify(request))
  return typeof echoed !== 'string' || isDeepStrictEqual(decodeObject(echoed), asked)
}

/** A credential as it goes into `Authorization`. */
export function encodeCredential(credential: unknown): string {
  return `Payment ${Buffer.from(JSON.stringify(credential)).toString('base64url')}`
}

const ReceiptSchema = z.looseObject({
  status: z.string(),
  method: optionalText,
  reference: optionalText,
})
export type MppReceipt = z.infer<typeof ReceiptSchema>

/** The receipt in a value of `Payment-Receipt`; `undefined` if there is none. */
export function decodeReceipt(value: string): MppReceipt | undefined {
  const parsed = ReceiptSchema.safeParse(decodeObject(value))
  return parsed.success ? parsed.data : undefined
}
