import { offerIn } from '../../client/http/http-offer.js'
import { readChallenge } from '../../client/buying/read-challenge.js'
import { PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import { type Finding, findingsOf } from './finding.js'

const { ok, warn, fail } = findingsOf('challenge')

/** Servers and proxies refuse more. Unit: characters. */
const MAX_HEADER_CHARS = 8_192

/** Reads a 402, and says who can read it. */
export async function readPaymentAnswer(
  response: Response,
  url: string,
): Promise<{ readonly challenge?: Challenge; readonly findings: Finding[] }> {
  const text = await response.text()
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined
  const answer = { url, header, body: () => Promise.resolve(text) }
  const offer = await offerIn(answer, { protocols: ['x402', 'mpp'], nowMs: Date.now() })
  if (offer === undefined) {
    const cure =
      'Answer with the header payment-required: base64 of the JSON of x402 v2. npx agentcore-x402 inspect says what is wrong with one.'
    return { findings: [fail(`${url} answers 402, and no buyer can read what to pay`, cure)] }
  }
  const written = header(PAYMENT_REQUIRED_HEADER)
  const isReadable = written !== undefined && readChallenge(decodeHeader(written)) !== undefined
  const findings = isReadable
    ? [inHeader(url, written)]
    : [elsewhere(url, [...offer.originals.values()])]
  return { challenge: offer.challenge, findings }
}

function inHeader(url: string, written: string): Finding {
  if (written.length <= MAX_HEADER_CHARS) return ok(`${url} asks for payment by x402 v2`)
  const what = `the header payment-required has ${written.length} characters, and proxies may refuse more than ${MAX_HEADER_CHARS}`
  return warn(what, 'Offer fewer ways to pay, or make descriptions and extensions shorter.')
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
  return fail(
    `${url} has its challenge of x402 v2 in the body only, and buyers read the header`,
    cure,
  )
}
