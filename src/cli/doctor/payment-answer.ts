import { readChallenge } from '../../client/buying/read-challenge.js'
import { offerIn } from '../../client/http/http-offer.js'
import { PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import { readAnswer } from '../buy/read-answer.js'
import type { ReadChallenge } from './check-challenge.js'
import { type Finding, findingsOf } from './finding.js'

const { ok, warn, fail } = findingsOf('challenge')

/** Reads a 402, and says who can read it. */
export async function readPaymentAnswer(
  response: Response,
  called: string,
): Promise<{ readonly read?: ReadChallenge; readonly finding: Finding }> {
  const { bytes } = await readAnswer(response)
  const text = bytes.toString()
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined
  const answer = { url: called, header, body: () => Promise.resolve(text) }
  const offer = await offerIn(answer, { protocols: ['x402', 'mpp'], nowMs: Date.now() })
  if (offer === undefined) {
    const cure =
      'Answer with the header payment-required: base64 of the JSON of x402 v2. npx agentcore-x402 inspect says what is wrong with one.'
    return { finding: fail(`${called} answers 402, and no buyer can read what to pay`, cure) }
  }
  const { challenge, originals } = offer
  const inHeader = header(PAYMENT_REQUIRED_HEADER)
  if (inHeader !== undefined && readChallenge(decodeHeader(inHeader)) !== undefined) {
    const written = `${PAYMENT_REQUIRED_HEADER}: ${inHeader}`
    const finding = ok(`${called} asks for payment by x402 v2`)
    return { read: { challenge, written, called }, finding }
  }
  const mpp = header('www-authenticate')
  const written = mpp === undefined ? text : `www-authenticate: ${mpp}`
  return {
    read: { challenge, written, called },
    finding: elsewhere(called, [...originals.values()]),
  }
}

function elsewhere(
  url: string,
  originals: readonly { readonly v1?: unknown; readonly mpp?: unknown }[],
): Finding {
  const cure = 'Send the header payment-required, too.'
  if (originals.some(({ v1 }) => v1 !== undefined)) {
    return warn(`${url} asks for payment by x402 v1, which new buyers do not read`, cure)
  }
  if (originals.length > 0) return ok(`${url} asks for payment by MPP`)
  const what = `${url} has its challenge of x402 v2 in the body only, and buyers read the header`
  return fail(what, cure)
}
