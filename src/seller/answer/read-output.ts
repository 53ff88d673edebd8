import type { JsonRpcId } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import { plainBody } from './handler-output.js'
import { readAnswer } from './read-answer.js'
import { isRecord } from '../../wire/json.js'
import { readHttpAnswer } from './read-http-answer.js'

/** Reads what a handler returned, in any form. */
export async function readOutput(
  returned: unknown,
  protocol: 'mcp' | 'http',
  creditsFrom: ReadonlySet<CreditsSource>,
  id: JsonRpcId | undefined,
): Promise<Answer | undefined> {
  if (protocol === 'http') return readHttpAnswer(returned, creditsFrom)
  const ofTarget = targetResponse(returned)
  const response = ofTarget ?? returned
  const plain = await plainBody(response)
  const read = plain === undefined ? response : { ...(response as object), body: plain.text }
  const came = { body: plain?.came, shape: ofTarget && ('gateway-http' as const) }
  return readAnswer(read, creditsFrom, id, came)
}

/** The response in an output for an HTTP target, in the form of other HTTP responses. Its body is base64. */
function targetResponse(returned: unknown): Record<string, unknown> | undefined {
  const http = isRecord(returned) ? returned['http'] : undefined
  const response = isRecord(http) ? http['transformedGatewayResponse'] : undefined
  return isRecord(response) ? { statusCode: 200, ...response, isBase64Encoded: true } : undefined
}
