import type { Context } from 'aws-lambda'
import { createInterceptor, type InterceptorHandler } from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { encodeHeader } from '../../../../src/wire/x402.js'
import { memoryStore } from '../../phases/support/memory-store.js'
import { moneyChallenge, paymentFor } from './money.js'
import { TOOL } from '../../../support/outcome.js'
import {
  bothPhases,
  hello,
  type PhasesOptions,
  type ShownRequest,
  type Target,
} from '../../phases/support/phases.js'
import { SECRET } from '../../phases/support/sealed-calls.js'
import { forget, hooksFor, saleOf, watched, type Sale, type SaleHandler } from './sales.js'
import { eventOf, stack, toolCall } from '../../../support/seller.js'

type Fields = Record<string, unknown>

/** How the two phases share what they know, and what the second phase is shown. */
export interface Sharing {
  name: string
  shown: ShownRequest
  options: () => object
  /** Whether the response phase learns what the request phase found out. */
  told: boolean
}

const secret = () => ({ secret: SECRET })
const stored = () => ({ secret: SECRET, store: memoryStore() })
const nothing = () => ({})

export const SEALED: Sharing = sharing('sealed', 'transformed', secret, true)
export const SHARINGS: Sharing[] = [
  SEALED,
  sharing('stored', 'original', stored, true),
  sharing('stored and sealed', 'transformed', stored, true),
  sharing('sealed in vain', 'original', secret, false),
  sharing('not shared', 'transformed', nothing, false),
  sharing('not shared either', 'original', nothing, false),
]
export const TOLD = SHARINGS.filter(({ told }) => told)

function sharing(how: string, shown: ShownRequest, options: () => object, told: boolean): Sharing {
  return { name: `${how}, shown the request as ${shown}`, shown, options, told }
}

/** The ways in which a payment comes with a call. */
export const CARRIERS: { carrier: string; send: (payment: Fields) => Fields }[] = [
  {
    carrier: '_meta',
    send: (payment) => withRaw(toolCall(TOOL, {}, { _meta: { 'x402/payment': payment } })),
  },
  {
    carrier: 'a header',
    send: (payment) => withRaw(toolCall(TOOL), { 'Payment-Signature': encodeHeader(payment) }),
  },
  {
    carrier: 'arguments.headers',
    send: (payment) =>
      withRaw(toolCall(TOOL, { headers: { 'PAYMENT-SIGNATURE': encodeHeader(payment) } })),
  },
]

/** An event with the client's own text beside the parsed body, as the Gateway sends it. */
export function withRaw(body: unknown, headers: Fields = {}): Fields {
  const event = eventOf(body, headers)
  const raw = { rawGatewayRequest: { body: JSON.stringify(body) } }
  return { ...event, mcp: { ...raw, ...(event['mcp'] as Fields) } }
}

/** An interceptor that sells {@link TOOL} for a cent. */
export interface Pair extends Sale {
  handle: InterceptorHandler
  /** Makes a new payment of the buyer. */
  payment: () => Promise<Fields>
}

export async function pair(options: Fields, given?: Local): Promise<Pair> {
  const local = given ?? (await stack())
  const seen = await watched('money', local)
  const all = { ...seen.options, ...hooksFor(options, seen), ...options }
  const { handle } = createInterceptor(all)
  const sale = saleOf(seen, handle as SaleHandler)
  const payment = async () => {
    const output = await sale.handler(withRaw(toolCall(TOOL)))
    const paid = await paymentFor(sale, moneyChallenge(output))
    forget(sale)
    return paid
  }
  return { ...sale, handle, payment }
}

/**
 * Runs both phases of a call.
 *
 * @returns what the buyer and the target got
 */
export async function play(
  handle: (event: unknown, context?: Context) => unknown,
  event: Fields,
  target: Target = hello,
  options: PhasesOptions = {},
) {
  const sent: { headers: Fields | undefined; body: Fields }[] = []
  const recording: Target = (request) => {
    sent.push(request)
    return target(request)
  }
  const { output } = await bothPhases(handle, event, recording, options)
  return { output, sent }
}
