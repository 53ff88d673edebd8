import type { Answer } from '../answer/answer.js'
import type { CallTransport } from './call.js'

/** A Lambda can answer with at most 6 MB. Some room is left for the envelope and the receipt. Unit: bytes. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024 - 64 * 1024

/**
 * Throws if the runtime could not send this answer, so that the buyer is not charged for it. `counted` is the
 * text that counts together with the answer.
 */
export function requireSendable(
  { headers, outcome, stream }: Answer,
  transport: CallTransport,
  counted?: unknown,
): void {
  const text = JSON.stringify([headers, outcome, stream])
  const beside = counted === undefined ? '' : JSON.stringify([counted])
  // UTF-8 takes at most 3 bytes for a UTF-16 unit, and 6 if it is escaped. Only large answers are counted
  // exactly.
  if ((text.length * 2 + beside.length) * 3 <= MAX_ANSWER_BYTES) return
  const bytes = Buffer.byteLength(asSent(text, outcome, transport)) + Buffer.byteLength(beside)
  if (bytes > MAX_ANSWER_BYTES) {
    throw new Error('the answer is larger than a Lambda may send (6 MB)')
  }
}

/**
 * The answer as it is sent. A JSON-RPC answer over HTTP is text inside JSON, and is longer there: escaped, or
 * base64.
 */
function asSent(text: string, outcome: Answer['outcome'], { shape }: CallTransport): string {
  if ('raw' in outcome) return text
  if (shape === 'http-event') return JSON.stringify(text)
  return shape === 'gateway-http' ? Buffer.from(text).toString('base64') : text
}
