import type { JsonRpcId } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import { plainBody, unwrapOutput } from './handler-output.js'
import { answerOf } from './answer-of.js'
import { readHttpAnswer } from './read-http-answer.js'

/** Reads what a handler returned, in whichever form. */
export async function readOutput(
  returned: unknown,
  protocol: 'mcp' | 'http',
  creditsFrom: ReadonlySet<CreditsSource>,
  id: JsonRpcId | undefined,
): Promise<Answer | undefined> {
  if (protocol === 'http') return readHttpAnswer(returned, creditsFrom)
  const plain = await plainBody(returned)
  const read = plain === undefined ? returned : { ...(returned as object), body: plain.text }
  const output = unwrapOutput(read, id, plain?.came)
  return output && answerOf(output, creditsFrom)
}
