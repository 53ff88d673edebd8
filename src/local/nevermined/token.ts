import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { decodeHeader, encodeToken } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import { ApiError } from './api-error.js'

/** Signs and checks the keys and tokens of one local stack. They are worthless anywhere else. */
export interface Signer {
  sign(parts: unknown): string
  isSigned(parts: unknown, signature: unknown): boolean
}

/** The content of a token whose signature was checked. */
export interface CheckedToken {
  version: 2 | 3
  from: string
  scheme: string
  network: string
  planId: string
  agentId: string | undefined
  httpVerb: string | undefined
  resourceUrl: string | undefined
  nonce: string | undefined
  signature: string
}

export interface MintRequest {
  from: string
  scheme: string
  network: string
  planId: string
  agentId?: string | undefined
  httpVerb?: string | undefined
  resource?: { url: string } | undefined
  version: 2 | 3
}

export function createSigner(secret: Uint8Array): Signer {
  // It is as long as an Ethereum signature: 65 bytes.
  const sign = (parts: unknown): string =>
    `0x${createHmac('sha512', secret).update(JSON.stringify(parts)).digest('hex')}1b`
  const isSigned = (parts: unknown, signature: unknown): boolean => {
    const [a, b] = [Buffer.from(sign(parts)), Buffer.from(String(signature))]
    return a.length === b.length && timingSafeEqual(a, b)
  }
  return { sign, isSigned }
}

/** Mints an API key of the form `local:<jwt>`. The address of the account is in `sub`. */
export function mintApiKey(address: string, signer: Signer): string {
  const claims = [
    { alg: 'HS512', typ: 'JWT' },
    { sub: address, o11y: 'local' },
  ]
    .map(encodeToken)
    .join('.')
  return `local:${claims}.${Buffer.from(signer.sign(claims)).toString('base64url')}`
}

/**
 * Reads the address that a key belongs to.
 *
 * @returns `undefined` if the key is not of this stack.
 */
export function addressOfKey(key: string, signer: Signer): string | undefined {
  const jwt = key.slice(key.indexOf(':') + 1)
  const [header = '', claims = '', signature = ''] = jwt.split('.')
  const signed = Buffer.from(signature, 'base64url').toString()
  if (!signer.isSigned(`${header}.${claims}`, signed)) return undefined
  return String(decodeHeader(claims)?.['sub'])
}

/**
 * Mints an access token. Version 2 can be used again by whoever has it. Version 3 is for one use, and bound
 * to one resource.
 */
export function mintToken(
  request: MintRequest,
  signer: Signer,
): { token: string; signature: string } {
  const { from, scheme, network, planId, agentId, httpVerb, resource, version } = request
  const sessionKeys = ['order', 'redeem'].map((id) => ({
    id,
    data: `0x${randomBytes(8).toString('hex')}`,
  }))
  const nonce = version === 3 ? `0x${randomBytes(32).toString('hex')}` : undefined
  const authorization = {
    from,
    sessionKeysProvider: 'zerodev',
    sessionKeys,
    ...(nonce && { nonce }),
  }
  const extra = { version: '1', ...(agentId && { agentId }), ...(httpVerb && { httpVerb }) }
  const signature = signer.sign(signedParts({ authorization, planId, resource, httpVerb, agentId }))
  const token = encodeToken({
    x402Version: 2,
    ...(resource && { resource }),
    accepted: { scheme, network, planId, extra },
    payload: { signature, authorization },
    extensions: {},
  })
  return { token, signature }
}

/**
 * Checks a token.
 *
 * @throws ApiError 0010 if the token cannot be read, 0005 if its signature is wrong.
 */
export function checkToken(token: unknown, signer: Signer): CheckedToken {
  const decoded = typeof token === 'string' ? decodeHeader(token) : undefined
  const accepted = record(decoded?.['accepted'])
  const payload = record(decoded?.['payload'])
  const authorization = record(payload['authorization'])
  const extra = isRecord(accepted['extra']) ? accepted['extra'] : {}
  const resource = isRecord(decoded?.['resource']) ? decoded['resource'] : undefined
  const { planId } = accepted
  const { httpVerb, agentId } = extra
  if (
    !signer.isSigned(
      signedParts({ authorization, planId, resource, httpVerb, agentId }),
      payload['signature'],
    )
  ) {
    throw new ApiError(402, 'BCK.X402.0005', 'Invalid or expired access token')
  }
  const nonce = text(authorization['nonce'])
  return {
    version: nonce === undefined ? 2 : 3,
    from: String(authorization['from']),
    scheme: String(accepted['scheme']),
    network: String(accepted['network']),
    planId: String(planId),
    agentId: text(agentId),
    httpVerb: text(httpVerb),
    resourceUrl: text(resource?.['url']),
    nonce,
    signature: String(payload['signature']),
  }
}

interface Signed {
  authorization: Record<string, unknown>
  planId: unknown
  resource: unknown
  httpVerb: unknown
  agentId: unknown
}

/**
 * The parts that are signed. In version 2 these are payer, session keys and plan. In version 3 also what the
 * token is bound to.
 */
function signedParts({ authorization, planId, resource, httpVerb, agentId }: Signed): unknown[] {
  const { from, sessionKeysProvider, sessionKeys, nonce } = authorization
  const always = [from, sessionKeysProvider, sessionKeys, planId]
  if (text(nonce) === undefined) return always
  return [
    ...always,
    nonce,
    isRecord(resource) ? resource['url'] : null,
    httpVerb ?? null,
    agentId ?? null,
  ]
}

function record(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value
  throw new ApiError(400, 'BCK.X402.0010', 'Malformed access token')
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
