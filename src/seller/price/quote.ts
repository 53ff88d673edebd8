import { offerOf } from './offer.js'
import type { Call } from '../events/call.js'
import type { Sale } from '../options/sale.js'
import { planRequirements, resolveCredits } from './plan-quote.js'
import type { Settings, ToolPrice } from '../options/settings.js'
import { assetRequirements } from './asset-quote.js'
import type { PaymentRequired } from '../../wire/x402.js'
import { GATEWAY_SEARCH_TOOL, bareToolName } from '../../wire/tool-names.js'
import type { AssetQuote, Quote } from './price.js'

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
  // Many servers route without regard to case or escapes; they must not choose another price.
  if (isPlain && hasRowInOtherForm(bareName(call), settings)) return 'unknown tool'
  // Without a Gateway it is a name like any other, and a handler may answer to it.
  if (call.tool === GATEWAY_SEARCH_TOOL && call.transport.shape === 'gateway') return 'unbilled'
  return settings.defaultPrice ?? 'unknown tool'
}

function hasRowInOtherForm(path: string, { tools }: Settings): boolean {
  const form = formOf(path)
  return [...tools.keys()].some((name) => formOf(pathOf(name)) === form && pathOf(name) !== path)
}

/** What spellings of one path have in common: letters in either case, escaped or not, a slash at the end or none. */
function formOf(path: string): string {
  const decoded = decodedPath(path).normalize().toLowerCase()
  return decoded.length > 1 ? decoded.replace(/\/$/, '') : decoded
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/**
 * The quote of one call, or `'free'` where one way to pay costs nothing.
 *
 * @throws PaymentUnavailableError if a price is no valid amount or a plan cannot be looked up.
 */
export async function quote(sale: Sale, price: ToolPrice): Promise<Quote | 'free'> {
  const { facilitator } = sale.settings
  const isPlan = price.planIds.length > 0 && facilitator !== undefined
  const credits = isPlan ? await resolveCredits(sale, price) : undefined
  if ((price.maxCredits ?? credits) === 0n) return 'free'
  const asset = await assetQuote(sale, price)
  if (asset?.requirements.amount === '0') return 'free'
  const accepts = isPlan ? await planRequirements(sale, price) : []
  const plan =
    credits === undefined || !isPlan
      ? undefined
      : { facilitator, accepts, credits, maxCredits: price.maxCredits }
  const resource = resourceFor(sale, price)
  return { offer: offerOf(resource, plan, asset?.requirements, sale.settings), plan, asset }
}

async function assetQuote(sale: Sale, { asset }: ToolPrice): Promise<AssetQuote | undefined> {
  const { facilitators } = sale.settings
  if (asset === undefined || facilitators === undefined) return undefined
  return { facilitators, requirements: await assetRequirements(sale, asset, facilitators) }
}

function resourceFor(
  { call, settings }: Sale,
  { description }: ToolPrice,
): PaymentRequired['resource'] {
  const { endpoint, mimeType } = settings
  return {
    url: endpoint ?? resourceOf(call),
    ...(description !== undefined && { description }),
    ...(mimeType !== undefined && { mimeType }),
  }
}

/**
 * The x402 MCP transport names tools `mcp://tool/<name>`. Never a Host header or an ARN: the URL must
 * be the same in challenge, verify and settle, and nothing a caller can choose.
 */
function resourceOf(call: Call): string {
  if (call.transport.protocol === 'http') return pathOf(call.tool ?? '')
  return call.tool === undefined ? `mcp://${call.method}` : `mcp://tool/${call.tool}`
}

/** Of `GET /path` the path. */
function bareName({ tool = '', transport }: Call): string {
  if (transport.protocol === 'http') return pathOf(tool)
  return bareToolName(tool)
}

function pathOf(tool: string): string {
  return tool.slice(tool.indexOf(' ') + 1)
}
