import type { Context } from 'aws-lambda'
import { toCredits } from './credits.js'
import { remainingMs, withDeadline } from './deadline.js'
import { PaymentUnavailableError } from './errors.js'
import { offerOf } from './offer.js'
import type { Price } from './options.js'
import type { Call } from './parse.js'
import { planTerms } from './plans.js'
import type { Settings, ToolPrice } from './settings.js'
import type { PaymentRequired, PaymentRequirements } from './x402.js'

/** What a call costs and how it can be paid. */
export interface Quote {
  /** What the facilitator is asked about; byte-equal in verify and settle. */
  readonly paymentRequired: PaymentRequired
  /** The same with the price, as the buyer is shown it. */
  readonly offer: PaymentRequired
  /** Settled unless the handler says otherwise. */
  readonly credits: bigint
  /** Verified up front: `maxCredits` where there is one, else `credits`. */
  readonly verifyCredits: bigint
  readonly maxCredits: bigint | undefined
}

/** The Gateway's built-in search comes as a `tools/call` without target prefix. */
const GATEWAY_SEARCH_TOOL = 'x_amz_bedrock_agentcore_search'

/** How a call is sold: at a price, `'free'`, answered by nobody here, or not at all. */
export function findPrice(
  call: Call,
  settings: Settings,
): ToolPrice | 'free' | 'unbilled' | 'unknown tool' {
  // A plain HTTP call is sold by its path, whatever its method; of JSON-RPC some methods cost.
  const isPlain = call.transport.protocol === 'http'
  if (!isPlain && !settings.billableMethods.has(call.method)) return 'unbilled'
  if (call.tool === undefined) return settings.defaultPrice ?? 'unknown tool'
  const row = settings.tools.get(call.tool) ?? settings.tools.get(bareName(call))
  if (row !== undefined) return row
  // Many servers route without regard to case; it must not choose another price.
  if (isPlain && hasRowInOtherCase(bareName(call), settings)) return 'unknown tool'
  // Without a Gateway it is a name like any other, and a handler may answer to it.
  if (call.tool === GATEWAY_SEARCH_TOOL && call.transport.shape === 'gateway') return 'unbilled'
  return settings.defaultPrice ?? 'unknown tool'
}

function hasRowInOtherCase(path: string, { tools }: Settings): boolean {
  const lower = path.toLowerCase()
  return [...tools.keys()].some(
    (name) => pathOf(name).toLowerCase() === lower && pathOf(name) !== path,
  )
}

/**
 * The quote of one call, or `'free'` where no payment is asked for.
 *
 * @throws PaymentUnavailableError if the price is no valid amount or a plan cannot be looked up.
 */
export async function quote(
  call: Call,
  price: ToolPrice,
  settings: Settings,
  context: Context | undefined,
): Promise<Quote | 'free'> {
  const credits = await resolveCredits(price.credits, call, context)
  const { maxCredits } = price
  if (maxCredits !== undefined && credits > maxCredits) {
    throw new PaymentUnavailableError('price_invalid', 'credits is above maxCredits')
  }
  const verifyCredits = maxCredits ?? credits
  if (verifyCredits === 0n) return 'free'
  const paymentRequired = await paymentRequiredFor(call, price, settings, context)
  const offer = offerOf(paymentRequired, credits, maxCredits)
  return { paymentRequired, offer, credits, verifyCredits, maxCredits }
}

async function resolveCredits(
  price: Price,
  call: Call,
  context: Context | undefined,
): Promise<bigint> {
  if (typeof price !== 'function') return BigInt(price)
  let answer: unknown
  try {
    answer = await price(call.event, context)
  } catch (cause) {
    throw new PaymentUnavailableError('price_invalid', 'credits threw', { cause })
  }
  const credits = toCredits(answer)
  if (credits === undefined) {
    throw new PaymentUnavailableError('price_invalid', 'credits gave no whole number ≥ 0')
  }
  return credits
}

async function paymentRequiredFor(
  call: Call,
  { planIds, description }: ToolPrice,
  settings: Settings,
  context: Context | undefined,
): Promise<PaymentRequired> {
  const { endpoint, mimeType } = settings
  return {
    x402Version: 2,
    resource: {
      url: endpoint ?? resourceOf(call),
      ...(description !== undefined && { description }),
      ...(mimeType !== undefined && { mimeType }),
    },
    accepts: await acceptsFor(call, planIds, settings, context),
    extensions: {},
  }
}

async function acceptsFor(
  { transport, method }: Call,
  planIds: readonly string[],
  { scheme, network, agentId, payments, verifyTimeoutMs, settleReserveMs, now }: Settings,
  context: Context | undefined,
): Promise<PaymentRequirements[]> {
  // MCP is spoken in POST requests.
  const httpVerb = transport.protocol === 'http' ? method : 'POST'
  const extra = { version: '1', ...(agentId !== undefined && { agentId }), httpVerb }
  if (scheme !== undefined && network !== undefined) {
    return planIds.map((planId) => ({ scheme, network, planId, extra }))
  }
  // Each caller waits as long as it can itself; the look-up is shared and goes on.
  const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
  const lookUps = planIds.map((planId) => planTerms(payments, planId, verifyTimeoutMs, now))
  const terms = await withDeadline(limitMs, () => Promise.all(lookUps))
  return terms.map((found, i) => ({
    scheme: scheme ?? found.scheme,
    network: network ?? found.network ?? noNetwork(),
    planId: planIds[i] ?? '',
    extra,
  }))
}

/** A guess could send the buyer's payment to the wrong chain. */
function noNetwork(): never {
  throw new PaymentUnavailableError(
    'plan_unavailable',
    'payments does not say its environment: give the option network',
  )
}

/**
 * The x402 MCP transport names tools `mcp://tool/<name>`. Never a Host header or an ARN: the URL must
 * be the same in challenge, verify and settle, and nothing a caller can choose.
 */
function resourceOf(call: Call): string {
  if (call.transport.protocol === 'http') return pathOf(call.tool ?? '')
  return call.tool === undefined ? `mcp://${call.method}` : `mcp://tool/${call.tool}`
}

/**
 * Target names cannot contain an underscore, so the first `___` ends the target's name. Of `GET /path` the
 * path.
 */
function bareName({ tool = '', transport }: Call): string {
  if (transport.protocol === 'http') return pathOf(tool)
  const at = tool.indexOf('___')
  return at === -1 ? tool : tool.slice(at + 3)
}

function pathOf(tool: string): string {
  return tool.slice(tool.indexOf(' ') + 1)
}
