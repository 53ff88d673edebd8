import { isRecord } from '../../wire/json.js'
import { readAnswer } from '../answer/read-answer.js'
import type { SoldCall } from '../events/call.js'
import type { Reply } from '../events/event-shape.js'
import type { SellerOutput } from '../events/output.js'

type Fields = Record<string, unknown>
type Headers = Readonly<Record<string, string>>

/**
 * The payment headers of the default answer. Clients look there for what is to be paid, so they go out beside
 * the answer of `onPaymentError`. If the hook gives something for free, they are left out.
 */
export function headersBeside(given: Fields, standard: Reply): Headers {
  if (isFree(given)) return {}
  const ours = Object.entries(standard.headers).filter(([name]) => /^(x-)?payment-/.test(name))
  return Object.fromEntries(ours)
}

/**
 * Whether the hook gives something for free. A status above 399 refuses. An answer of MCP without such a
 * status may still say that it failed.
 */
function isFree(given: Fields): boolean {
  const { mcp, http } = given
  const inner = isRecord(mcp) ? mcp : isRecord(http) ? http : undefined
  const { statusCode } = (inner?.['transformedGatewayResponse'] ?? given) as Fields
  if (typeof statusCode === 'number' && statusCode >= 400) return false
  return readAnswer(given, NO_CHARGE)?.failed !== true
}

/** Nothing was sold. */
const NO_CHARGE: ReadonlySet<never> = new Set()

/** The given headers, and those of the added ones that were not given. */
export function withMissing(given: Headers, added: Headers): Headers {
  return { ...missingIn(given, added), ...given }
}

function missingIn(given: Fields, added: Headers): Headers {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()))
  return Object.fromEntries(
    Object.entries(added).filter(([name]) => !names.has(name.toLowerCase())),
  )
}

/** A whole output with these headers added. Headers of the hook win. */
export function withHeaders(
  output: SellerOutput,
  { transport }: SoldCall,
  added: Headers,
): SellerOutput {
  const whole = output as unknown as Fields
  const all = { ...added, ...transport.cors?.headers }
  if (transport.shape === 'http-event') {
    return { ...whole, ...headersOf(whole, all, transport.multiValueHeaders === 'must') }
  }
  const kind = transport.shape === 'gateway' ? 'mcp' : 'http'
  const inner = whole[kind]
  const response = isRecord(inner) ? inner['transformedGatewayResponse'] : undefined
  if (!isRecord(inner) || !isRecord(response)) return output
  const transformedGatewayResponse = { ...response, ...headersOf(response, all, false) }
  return { ...whole, [kind]: { ...inner, transformedGatewayResponse } }
}

function headersOf(answer: Fields, added: Headers, inLists: boolean): Fields {
  const headers = isRecord(answer['headers']) ? answer['headers'] : {}
  const lists = isRecord(answer['multiValueHeaders']) ? answer['multiValueHeaders'] : {}
  const missing = missingIn({ ...headers, ...lists }, added)
  if (Object.keys(missing).length === 0) return {}
  if (!inLists) return { headers: { ...missing, ...headers } }
  // A load balancer that is set to lists reads nothing else.
  const all = Object.entries({ ...missing, ...headers }).map(([name, value]) => [name, [value]])
  return { headers: undefined, multiValueHeaders: { ...Object.fromEntries(all), ...lists } }
}
