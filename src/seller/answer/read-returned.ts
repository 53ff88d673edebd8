import { lazy } from '../../lazy.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import { isRecord } from '../../wire/json.js'
import type { Answer, CreditsSource } from './answer.js'
import { answerOf, isHttpResponse } from './answer-of.js'

/**
 * Reads what a handler returned. An MCP result or a JSON-RPC message is read at once, any other form by
 * `readOutput`.
 *
 * @returns `undefined` if the answer has none of the formats, or cannot be read.
 */
export async function readReturned(
  returned: unknown,
  protocol: 'mcp' | 'http',
  creditsFrom: ReadonlySet<CreditsSource>,
  id: JsonRpcId | undefined,
): Promise<Answer | undefined> {
  if (protocol === 'mcp' && isPlain(returned)) {
    return answerOf({ statusCode: 200, headers: {}, body: returned }, creditsFrom)
  }
  const { readOutput } = await otherForms()
  return readOutput(returned, protocol, creditsFrom, id)
}

/**
 * Reads texts, streams, bytes and HTTP answers. Most handlers return MCP results, so this is loaded by the
 * first other form.
 */
const otherForms = lazy(() => import('./read-output.js'))

/** An object that is neither an interceptor output nor an HTTP response. */
function isPlain(returned: unknown): boolean {
  if (!isRecord(returned) || Object.getPrototypeOf(returned) !== Object.prototype) return false
  if (['interceptorOutputVersion', 'mcp', 'http'].some((name) => name in returned)) return false
  return !isHttpResponse(returned)
}
