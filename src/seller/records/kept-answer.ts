import { parseJson } from '../../wire/json.js'
import type { Answer } from '../answer/answer.js'

/** A larger answer is not kept. Unit: characters of JSON. */
const MAX_CHARS = 65_536

/** The text of an answer as it is kept; `undefined` if it is too large. */
export function toKept(answer: Answer): string | undefined {
  if (sizeOf(answer.outcome) > MAX_CHARS) return undefined
  const { statusCode, headers, outcome, stream, original, failed, unfinished } = answer
  const kept = { statusCode, headers, outcome, stream, failed, unfinished }
  const whole = JSON.stringify({ ...kept, original })
  if (whole.length <= MAX_CHARS) return whole
  // The original response repeats the message as text. Without it a larger answer can be kept.
  const text = original && JSON.stringify(kept)
  return text === undefined || text.length > MAX_CHARS ? undefined : text
}

/** Reads a kept answer. Its price is in the record. */
export function fromKept(text: string | undefined): Answer | undefined {
  if (text === undefined) return undefined
  const kept = parseJson(text) as Omit<Answer, 'creditsToCharge' | 'amountToCharge'>
  return { creditsToCharge: undefined, amountToCharge: undefined, ...kept }
}

/** A lower bound of the size, so that a large answer is not turned into text first. */
function sizeOf(outcome: Answer['outcome']): number {
  if ('raw' in outcome) return outcome.raw.body.length
  const content = 'result' in outcome ? outcome.result.content : undefined
  if (!Array.isArray(content)) return 0
  return content.reduce((chars, { text, data }) => chars + lengthOf(text) + lengthOf(data), 0)
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0
}
