import type { JsonRpcId } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import { answerOf } from './answer-of.js'
import { unwrapOutput, type Came } from './handler-output.js'

/**
 * Reads an answer to a message of MCP.
 *
 * @param id of the call: in an event stream, the message that answers it counts
 * @param came how it came, where what is read was made of it
 * @returns `undefined` if what the handler returned is none of the four formats, or cannot be read.
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
