import type { McpResult } from '../../wire/mcp.js'
import type { Charges, CreditsSource } from './answer.js'
import { isRecord, parseJson } from '../../wire/json.js'

/** Everywhere that an answer could name its price. */
export interface ChargePlaces {
  headers: Record<string, string>
  body: unknown
  outcome: { result: McpResult } | { error: unknown }
}

/** The header by which handlers of `@x402/core` name a price: `{"amount":"1000"}`. It is not sent on. */
const SETTLEMENT_OVERRIDES_HEADER = 'settlement-overrides'

export function findCharges(places: ChargePlaces, allowed: ReadonlySet<CreditsSource>): Charges {
  return {
    creditsToCharge: find('creditsToCharge', places, allowed),
    amountToCharge: find('amountToCharge', places, allowed),
  }
}

/** The first allowed source that names a price decides. A bad value there is not skipped. */
function find(
  name: keyof Charges,
  places: ChargePlaces,
  allowed: ReadonlySet<CreditsSource>,
): unknown {
  for (const source of SOURCES) {
    const charge = allowed.has(source) ? READ[source](name, places) : undefined
    if (charge !== undefined) return charge
  }
  return undefined
}

const SOURCES: readonly CreditsSource[] = ['meta', 'header', 'content', 'body']

const READ: Record<CreditsSource, (name: keyof Charges, places: ChargePlaces) => unknown> = {
  meta: (name, { outcome }) => memberOf(resultIn(outcome)?._meta, name),
  header: (name, { headers }) =>
    name === 'creditsToCharge' ? creditsIn(headers) : amountIn(headers),
  content: (name, { outcome }) => inContent(name, resultIn(outcome)),
  body: (name, { body }) => memberOf(body, name),
}

function resultIn(outcome: ChargePlaces['outcome']): McpResult | undefined {
  return 'result' in outcome ? outcome.result : undefined
}

/** Credits in a header. Header values are texts, so digits count as a number here. */
function creditsIn(headers: Record<string, string>): unknown {
  const text = headerOf(headers, 'x-credits-to-charge')
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text
}

function amountIn(headers: Record<string, string>): unknown {
  const text = headerOf(headers, SETTLEMENT_OVERRIDES_HEADER)
  return text === undefined ? undefined : (memberOf(parsedBody(text), 'amount') ?? text)
}

function headerOf(headers: Record<string, string>, wanted: string): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1]
}

function inContent(name: keyof Charges, result: McpResult | undefined): unknown {
  for (const content of contentIn(result)) {
    const charge = memberOf(content, name) ?? memberOf(memberOf(content, '_meta'), name)
    if (charge !== undefined) return charge
  }
  return undefined
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

/** The text blocks of a result that are JSON. */
export function contentIn(result: McpResult | undefined): unknown[] {
  const blocks: unknown[] = Array.isArray(result?.content) ? result.content : []
  return blocks.map((block) => (isRecord(block) ? parsedBody(block['text']) : undefined))
}

/** A body. JSON text means the same as the object. */
export function parsedBody(body: unknown): unknown {
  const parsed = typeof body === 'string' ? parseJson(body) : undefined
  return isRecord(parsed) ? parsed : body
}

/** The headers without the handler's price, which is for us only. */
export function withoutOverrides(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers)
  return Object.fromEntries(
    entries.filter(([name]) => name.toLowerCase() !== SETTLEMENT_OVERRIDES_HEADER),
  )
}
