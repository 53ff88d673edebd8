import type { Local } from '../../../../src/local/index.js'
import { raw, type RawAnswer } from './raw.js'

export const MPP = {
  challenge: '/api/v1/mpp/challenge',
  verify: '/api/v1/mpp/verify',
  settle: '/api/v1/mpp/settle',
  permissions: '/api/v1/mpp/permissions',
}

export const RESOURCE = { resource: '/quote', httpVerb: 'GET' }

type Fields = Record<string, unknown>

/** The parameters of a `WWW-Authenticate: Payment …`. */
export function paramsIn(challenge: string): Record<string, string> {
  const [scheme = '', ...rest] = challenge.split(/(?<=^Payment) /)
  if (scheme !== 'Payment') throw new Error(`no challenge of MPP: ${challenge}`)
  const found = rest.join('').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
  return Object.fromEntries(
    [...found].map(([, name = '', value = '']) => [name, value.replace(/\\(.)/g, '$1')]),
  )
}

export function decoded(base64url: string): Fields {
  return JSON.parse(Buffer.from(base64url, 'base64url').toString()) as Fields
}

export function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Asks for a challenge as a seller. */
export async function challenged(local: Local, more: Fields = {}): Promise<string> {
  const body = { planId: local.planId, credits: '2', ...RESOURCE, ...more }
  const { body: answer } = await raw(local, MPP.challenge, { body })
  return (answer as { challenge: string }).challenge
}

/** Mints a token of MPP as the subscriber. */
export async function minted(
  local: Local,
  { planId = local.planId, agentId, delegationId }: Partial<Record<string, string>> = {},
): Promise<string> {
  const accepted = {
    scheme: 'nvm:erc4337',
    network: 'eip155:84532',
    planId,
    extra: { ...(agentId !== undefined && { agentId }) },
  }
  const delegationConfig = delegationId === undefined ? undefined : { delegationId }
  const body = { accepted, ...(delegationConfig && { delegationConfig }) }
  const answer = await raw(local, MPP.permissions, { body, key: local.subscriberApiKey })
  return (answer.body as { accessToken: string }).accessToken
}

/** What a buyer sends in `Authorization`. `changes` are made to the challenge. */
export function credentialFor(
  challenge: string,
  accessToken: string,
  changes: Fields = {},
): string {
  const parts = { ...paramsIn(challenge), ...changes }
  return `Payment ${encoded({ challenge: parts, payload: { accessToken } })}`
}

/** Verifies or settles as a seller. */
export function redeem(
  local: Local,
  path: string,
  credential: string,
  more: Fields = {},
): Promise<RawAnswer> {
  return raw(local, path, { body: { credential, ...RESOURCE, ...more } })
}
