import type { JsonRpcId } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import { withPlainBody } from './handler-output.js'
import { readAnswer } from './read-answer.js'
import { readHttpAnswer } from './read-http-answer.js'

/** Reads what a handler returned, in whichever form. */
export async function readOutput(
  returned: unknown,
  protocol: 'mcp' | 'http',
  creditsFrom: ReadonlySet<CreditsSource>,
  id: JsonRpcId | undefined,
): Promise<Answer | undefined> {
  if (protocol === 'http') return readHttpAnswer(returned, creditsFrom)
  return readAnswer(await withPlainBody(returned), creditsFrom, id)
}
