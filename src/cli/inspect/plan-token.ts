import { isRecord } from '../../wire/json.js'
import { tokenVersion } from '../../wire/x402.js'
import { JWT, claimsOf } from './find/key-in-text.js'
import { shown } from './terms/describe-terms.js'
import { isAbsent, objectIn, pathOf, text, textIn, type Place } from './findings.js'
import { safeText } from './secrets.js'
import { distance, timeOf, timeWords } from './terms/times.js'
import type { Row } from './thing.js'

type Members = Readonly<Record<string, unknown>>

const MINT = 'Mint a new token with getX402AccessToken.'

/** Whether a payment takes credits of a plan of Nevermined. */
export function isPlanToken({ scheme, planId }: Members): boolean {
  return (typeof scheme === 'string' && scheme.startsWith('nvm:')) || !isAbsent(planId)
}

/** An access token of Nevermined is a payment by its form. */
export function planTokenTitle(payload: Members | undefined): string {
  if (payload === undefined || typeof payload['token'] === 'string')
    return 'payment: access token of Nevermined'
  const version = tokenVersion({ x402Version: 2, payload })
  return `payment: access token of Nevermined, version ${version}`
}

export function checkPlanToken(payload: Place, accepted: Members, nowMs: number): void {
  if (typeof payload.value['token'] === 'string') return checkCard(payload, accepted, nowMs)
  const signature = textIn(payload, 'signature', MINT)
  if (signature !== undefined && !/^0x[\da-f]+$/i.test(signature)) {
    payload.findings.fail(
      pathOf(payload, 'signature'),
      'The signature is no hexadecimal text that begins with 0x.',
      MINT,
    )
  }
  const authorization = objectIn(payload, 'authorization', MINT)
  if (authorization !== undefined) textIn(authorization, 'from', MINT)
}

/** A plan that is paid by card: a JWT names the delegation. */
function checkCard(payload: Place, accepted: Members, nowMs: number): void {
  const { findings } = payload
  const at = pathOf(payload, 'token')
  const token = String(payload.value['token'])
  const claims = JWT.test(token) ? claimsOf(token) : undefined
  if (claims === undefined) return findings.fail(at, 'The token is no JWT that can be read.', MINT)
  const until = timeOf(claims['exp'])
  if (until !== undefined && until <= nowMs) {
    findings.fail(at, `The token expired ${distance(until, nowMs)} ago.`, MINT)
  }
  const planId = isRecord(claims['nvm']) ? text(claims['nvm']['planId']) : undefined
  const asked = text(accepted['planId'])
  if (planId !== undefined && asked !== undefined && planId !== asked) {
    const message = `The delegation is for the plan ${safeText(planId)}, and ${safeText(asked)} is paid.`
    findings.fail(at, message, 'Take a delegation of this plan.')
  }
}

export function planTokenRows(payload: Members, nowMs: number): Row[] {
  const authorization = isRecord(payload['authorization']) ? payload['authorization'] : {}
  const { token } = payload
  const claims = (typeof token === 'string' && JWT.test(token) ? claimsOf(token) : undefined) ?? {}
  const nvm = isRecord(claims['nvm']) ? claims['nvm'] : {}
  const isCard = typeof token === 'string'
  const isSingle = tokenVersion({ x402Version: 2, payload }) === 3
  return [
    ['Payer', shown(authorization['from'], 'from') ?? shown(claims['sub'], 'sub')],
    [
      'Good for',
      isCard
        ? undefined
        : isSingle
          ? 'one call: it is single-use'
          : 'many calls: it is reusable, so keep it secret',
    ],
    ['Delegation', shown(nvm['delegationId'] ?? claims['jti'], 'delegationId')],
    ['Provider', shown(nvm['provider'])],
    ['Limit', limitText(nvm)],
    ['Expires', timeWords(claims['exp'], nowMs)],
  ]
}

function limitText({ spendingLimitCents, currency }: Members): string | undefined {
  const cents = Number(spendingLimitCents)
  if (isAbsent(spendingLimitCents) || !Number.isSafeInteger(cents)) return undefined
  return `${(cents / 100).toFixed(2)} ${shown(currency) ?? ''}`.trim()
}
