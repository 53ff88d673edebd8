import type { JsonRpcId } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import type { Body } from './body-text.js'
import { answerOf } from './answer-of.js'
import { unwrapOutput } from './handler-output.js'

/**
 * Reads an answer to a message of MCP.
 *
 * @param id of the call: in an event stream, the message that answers it counts
 * @param came the body before base64 and compression were undone
 * @returns `undefined` if what the handler returned is none of the four formats, or cannot be read.
 */
export function readAnswer(
  returned: unknown,
  creditsFrom: ReadonlySet<CreditsSource>,
  id?: JsonRpcId,
  came?: Body,
): Answer | undefined {
  const output = unwrapOutput(returned, id, { body: came })
  return output && answerOf(output, creditsFrom)
}
