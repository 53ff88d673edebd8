import { isRecord, parseJson } from '../../wire/json.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import type { InterceptorOutput } from '../../wire/gateway-events.js'
import type { CallTransport } from './call.js'

/**
 * Keeps numbers with more digits than a JavaScript number can hold. The platform parsed a text before us, and
 * writes our answer as JSON. Node 22 and later can write such numbers as they came. On Node 20 they stay as
 * the platform parsed them.
 *
 * @see https://github.com/tc39/proposal-json-parse-with-source
 */
interface ExactJson {
  readonly rawJSON?: (text: string) => unknown
  readonly parse: (
    text: string,
    reviver: (name: string, value: unknown, context?: { source?: string }) => unknown,
  ) => unknown
}

const { rawJSON, parse } = JSON as ExactJson

const LONG = /\d{16}/

/**
 * The same value with the numbers of its text. If value and text differ in more than that, the value stays.
 */
export function withExactNumbers(value: unknown, text: string): unknown {
  if (rawJSON === undefined) return value
  try {
    const exact = parse(text, (_, parsed, { source = '' } = {}) =>
      typeof parsed === 'number' && LONG.test(source) ? rawJSON(source) : parsed,
    )
    return merged(value, exact)
  } catch {
    return value // The text is no JSON, or is nested deeper than the stack.
  }
}

function merged(value: unknown, exact: unknown): unknown {
  if (typeof value === 'number') return textOf(exact) === value ? exact : value
  if (Array.isArray(value)) {
    return Array.isArray(exact) ? value.map((one, i) => merged(one, exact[i])) : value
  }
  if (!isRecord(value) || !isRecord(exact)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      Object.hasOwn(exact, name) ? merged(one, exact[name]) : one,
    ]),
  )
}

/** The JavaScript number for a number in JSON text. */
function textOf(exact: unknown): number | undefined {
  const text = isRecord(exact) ? exact['rawJSON'] : undefined
  return typeof text === 'string' ? Number(text) : undefined
}

/** An answer that has the id of its call as the client wrote it. */
export function withExactId(
  output: InterceptorOutput,
  { idText }: CallTransport,
): InterceptorOutput {
  const response = output.mcp.transformedGatewayResponse
  const body = response?.body
  if (idText === undefined || rawJSON === undefined || !isRecord(body)) return output
  if ((body['id'] as JsonRpcId) !== parseJson(idText)) return output
  const transformedGatewayResponse = { ...response, body: { ...body, id: rawJSON(idText) } }
  return { ...output, mcp: { ...output.mcp, transformedGatewayResponse } }
}
