import { isRecord } from '../../wire/json.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'
import { answerOf, parseJson, textsOf, type ToolAnswer } from './tool-answer.js'

/** Reads the first text block that begins with the marker and goes on with an object. */
export function markedAnswer(result: unknown): ToolAnswer | undefined {
  for (const text of textsOf(result)) {
    const answer = afterMarker(text)
    if (answer !== undefined) return answer
  }
  return undefined
}

export function afterMarker(text: string): ToolAnswer | undefined {
  const said = text.startsWith(THROWN) ? text.slice(THROWN.length) : text
  if (!said.startsWith(PAYMENT_REQUIRED_MARKER)) return undefined
  const answer = parseJson(said.slice(PAYMENT_REQUIRED_MARKER.length))
  return isRecord(answer) ? answerOf(answer) : undefined
}

/** The words that the SDK puts before the message of an error that a tool threw. */
const THROWN = 'Error: '
