import { randomUUID } from 'node:crypto'
import { decodeHeader, encodeHeader } from '../../src/wire/x402.js'
import { isRecord } from '../../src/wire/json.js'
import { inSeconds } from '../support/clock.js'
import { exactBody, uptoBody } from '../seller/money/support/x402-payments.js'
import type { Challenge } from './answers.js'
import { railOf, type CallPlan } from './plan.js'
import type { World } from './world.js'

type Fields = Record<string, unknown>

/** What the buyer has signed. */
export interface Payment {
  /** How the ledger names it: by its nonce; a reusable token by its payer, who has no other. */
  key: string
  isReusable: boolean
  /** The buyer's own name of it. */
  identifier: string | undefined
  /** As a header has it; as the MCP transport has it. */
  text: string
  value: unknown
}

/** A buyer's own name of a payment. */
export const newIdentifier = (): string => `pay_${randomUUID().replaceAll('-', '')}`

/** Signs what a challenge asks for. */
export function sign(
  world: World,
  { credit }: Pick<CallPlan, 'credit'>,
  challenge: Challenge,
  identifier: string | undefined,
): Promise<Payment> {
  return railOf(credit) === 'plan'
    ? Promise.resolve(mint(world, credit === 'single-use token' ? 3 : 2, challenge))
    : signMoney(world, challenge, identifier)
}

const CREDITS = 1_000n
const DAY_S = 24 * 3_600

function mint({ local }: World, version: 2 | 3, { accepts, resource }: Challenge): Payment {
  const { address: from } = local.ledger.addAccount()
  local.ledger.credit(local.planId, from, CREDITS)
  const extra = isRecord(accepts[0]?.['extra']) ? accepts[0]['extra'] : {}
  const { httpVerb } = extra
  const bound = {
    resource: { url: resource.url },
    ...(typeof httpVerb === 'string' && { httpVerb }),
  }
  const text = local.accessToken({ from, version, ...(version === 3 && bound) })
  const value = decodeHeader(text)
  const { authorization } = value?.['payload'] as { authorization: Fields }
  const isReusable = version === 2
  const key = isReusable ? from : String(authorization['nonce'])
  return { key, isReusable, identifier: undefined, text, value }
}

async function signMoney(
  { local, account, clock, table }: World,
  { accepts, resource, extensions }: Challenge,
  identifier: string | undefined,
): Promise<Payment> {
  const [accepted = {}] = accepts
  const { scheme, amount, payTo, extra } = accepted as Record<string, string>
  // Where time is let pass, the payment stays good.
  const seconds = table === undefined ? Number(accepted['maxTimeoutSeconds']) : DAY_S
  const validBefore = inSeconds(seconds, clock.now())
  const terms = { amount: String(amount), payTo: String(payTo), validBefore }
  const facilitator = String((extra as unknown as Fields)['facilitatorAddress'])
  const body =
    scheme === 'upto'
      ? await uptoBody(local, account, { ...terms, facilitator })
      : await exactBody(local, account, terms)
  const named = withIdentifier(extensions, identifier)
  const value: Fields = { ...body.paymentPayload, accepted, resource, extensions: named }
  const key = nonceOf(value['payload'] as Fields)
  return { key, isReusable: false, identifier, text: encodeHeader(value), value }
}

function nonceOf({ authorization, permit2Authorization }: Fields): string {
  const { nonce } = (authorization ?? permit2Authorization) as Fields
  return String(nonce).toLowerCase()
}

function withIdentifier(extensions: Fields | undefined, id: string | undefined): unknown {
  const known = extensions?.['payment-identifier']
  if (id === undefined || !isRecord(known)) return extensions
  const info = { ...(isRecord(known['info']) && known['info']), id }
  return { ...extensions, 'payment-identifier': { ...known, info } }
}
