import { lazy } from '../../lazy.js'
import { offerOf } from './offer.js'
import type { SoldCall } from '../events/call.js'
import { decodedPath, decodedRow } from '../options/path-rows.js'
import type { Sale } from '../options/sale.js'
import { planRequirements, resolveCredits } from './plan-quote.js'
import type { Settings, ToolPrice } from '../options/settings.js'
import type { PaymentRequired } from '../../wire/x402.js'
import { folded } from '../events/folded.js'
import { GATEWAY_SEARCH_TOOL, bareToolName } from '../../wire/tool-names.js'
import type { AssetQuote, Quote } from './price.js'

/** How a call is sold: at a price, `'free'`, by a method that is not sold, or not at all. */
export function findPrice(
  call: SoldCall,
  settings: Settings,
): ToolPrice | 'free' | 'other method' | 'unknown tool' | 'unknown method' {
  // A plain HTTP call is sold by its path, whatever its method. In JSON-RPC some methods are sold.
  const isPlain = call.transport.protocol === 'http'
  if (!isPlain && !settings.billableMethods.has(call.method)) {
    return isOtherSpellingOf(settings.billableMethods, call.method)
      ? 'unknown method'
      : 'other method'
  }
  if (call.tool === undefined) return settings.defaultPrice ?? 'unknown tool'
  const ownRow = settings.tools.get(call.tool)
  if (ownRow !== undefined) return ownRow
  if (call.tool.length > (isPlain ? MAX_PATH_CHARS : MAX_TOOL_NAME_CHARS)) return 'unknown tool'
  const row = isPlain ? rowOfPath(call.tool, settings) : rowOfTool(call.tool, settings)
  if (row !== undefined) return row
  // Without a Gateway this is a name like any other, and a handler may answer to it.
  if (call.tool === GATEWAY_SEARCH_TOOL && call.transport.shape === 'gateway') return 'other method'
  return (settings.hasOtherTools ? settings.defaultPrice : undefined) ?? 'unknown tool'
}

/**
 * Whether a method is another spelling of a sold one. A server that ignores case, Unicode form or spaces
 * would do the work of the sold method.
 */
function isOtherSpellingOf(methods: ReadonlySet<string>, method: string): boolean {
  // No method is that long, but a sold method may be hidden in it among spaces and marks.
  if (method.length > MAX_TOOL_NAME_CHARS) return true
  const form = folded(method).trim()
  return [...methods].some((sold) => folded(sold) === form)
}

/** A challenge has the name several times. A longer name needs a row of its own. Unit: characters. */
const MAX_TOOL_NAME_CHARS = 256
const MAX_PATH_CHARS = 2_048

type Row = ToolPrice | 'free' | 'unknown tool' | undefined

/**
 * The row of a tool. Many servers ignore the case or Unicode form of names. Another spelling must not choose
 * another price.
 */
function rowOfTool(tool: string, { tools, toolForms }: Settings): Row {
  if (tools.size === 0) return undefined
  const form = folded(tool).trim()
  if (toolForms.has(form)) return 'unknown tool'
  return (
    tools.get(bareToolName(tool)) ??
    (toolForms.has(bareToolName(form)) ? 'unknown tool' : undefined)
  )
}

/**
 * The row of a path, written with escapes or without. Many servers ignore case or escapes of a path. So
 * another spelling of a row's path is an unknown tool.
 */
function rowOfPath(tool: string, { tools, escapedTools }: Settings): Row {
  const path = pathOf(tool)
  const row = escapedTools.get(tool) ?? tools.get(path) ?? escapedTools.get(path)
  if (row !== undefined) return row
  const form = formOf(path)
  const isOther = (name: string): boolean => {
    const own = pathOf(decodedRow(name))
    return own !== path && formOf(own) === form
  }
  return [...tools.keys()].some(isOther) ? 'unknown tool' : undefined
}

/** The form that all spellings of one path share: case, escapes and a slash at the end make no difference. */
function formOf(path: string): string {
  const form = folded(decodedPath(path))
  return form.length > 1 ? form.replace(/\/$/, '') : form
}

/**
 * The price of one call, or `'free'` if one way to pay costs nothing.
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
  const resource = await resourceFor(sale, price)
  return { offer: offerOf(resource, plan, asset?.requirements, sale.settings), plan, asset }
}

async function assetQuote(sale: Sale, { asset }: ToolPrice): Promise<AssetQuote | undefined> {
  const { facilitators } = sale.settings
  if (asset === undefined || facilitators === undefined) return undefined
  const { assetRequirements } = await assetQuotes()
  return { facilitators, requirements: await assetRequirements(sale, asset, facilitators) }
}

/** Prices in money. They are loaded by the first call of a tool that has one. */
const assetQuotes = lazy(() => import('./asset-quote.js'))

async function resourceFor(
  { call, settings }: Sale,
  { description }: ToolPrice,
): Promise<PaymentRequired['resource']> {
  const { endpoint, mimeType } = settings
  return {
    url: endpoint ?? (await resourceOf(call)),
    ...(description !== undefined && { description }),
    ...(mimeType !== undefined && { mimeType }),
  }
}

/**
 * The name of the resource that is sold. x402 over MCP names tools `mcp://tool/<name>`, whatever host brings
 * the message. A plain request is named by the URL that was called. A Gateway does not tell its domain, so
 * behind it the path is the name. Challenge, verify and settle have the same name.
 */
async function resourceOf(call: SoldCall): Promise<string> {
  if (call.transport.protocol === 'mcp') {
    return call.tool === undefined ? `mcp://${call.method}` : `mcp://tool/${call.tool}`
  }
  const { calledUrl } = await calledUrls()
  return calledUrl(call) ?? encodeURI(pathOf(call.tool ?? ''))
}

/** It is loaded by the first plain request that is sold. */
const calledUrls = lazy(() => import('./called-url.js'))

/** The path in `GET /path`. */
function pathOf(tool: string): string {
  return tool.slice(tool.indexOf(' ') + 1)
}
