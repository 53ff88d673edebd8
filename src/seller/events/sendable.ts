import type { Answer } from '../answer/answer.js'
import type { CallTransport } from './call.js'

/** A Lambda answers with at most 6 MB; some room is left for envelope and receipt. Unit: bytes. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024 - 64 * 1024

/**
 * Finds out before the buyer is charged that the runtime could not send this. `counted` is what
 * counts together with it.
 */
export function requireSendable(
  { headers, outcome, stream }: Answer,
  transport: CallTransport,
  counted?: unknown,
): void {
  const text = JSON.stringify([headers, outcome, stream])
  const beside = counted === undefined ? '' : JSON.stringify([counted])
  // UTF-8 takes at most 3 bytes per UTF-16 unit, twice that if escaped: only large answers are counted exactly.
  if ((text.length * 2 + beside.length) * 3 <= MAX_ANSWER_BYTES) return
  const bytes = Buffer.byteLength(asSent(text, outcome, transport)) + Buffer.byteLength(beside)
  if (bytes > MAX_ANSWER_BYTES) {
    throw new Error('the answer is larger than a Lambda may send (6 MB)')
  }
}

/** A JSON-RPC answer over HTTP is text inside JSON, where it is longer: escaped, or as base64. */
function asSent(text: string, outcome: Answer['outcome'], { shape }: CallTransport): string {
  if ('raw' in outcome) return text
  if (shape === 'http-event') return JSON.stringify(text)
  return shape === 'gateway-http' ? Buffer.from(text).toString('base64') : text
}
