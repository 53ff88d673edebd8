import type { JsonRpcId } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import { answerOf } from './answer-of.js'
import { unwrapOutput, type Came } from './handler-output.js'

/**
 * Reads an answer to a message of MCP.
 *
 * @param id id of the call. In an event stream, the message that answers it counts.
 * @param came the response as it came, if what is read was made of it
 * @returns `undefined` if the handler's answer is none of the four formats, or cannot be read.
 */
export function readAnswer(
  returned: unknown,
  creditsFrom: ReadonlySet<CreditsSource>,
  id?: JsonRpcId,
  came?: Came,
): Answer | undefined {
  const output = unwrapOutput(returned, id, came)
  return output && answerOf(output, creditsFrom)
}
