import { isRecord, parseJson } from '../../wire/json.js'
import { PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import {
  type MppChallenge,
  credentialHeaderOf,
  expiryOf,
  isExpired,
  mppChallenges,
  mppNetwork,
} from '../../wire/mpp.js'
import { caip2 } from '../../wire/networks.js'
import { type Challenge, type Requirement, RequirementV1Schema } from '../../wire/x402-challenge.js'
import { challengeWith, readChallenge, readRequirement } from '../buying/read-challenge.js'
import type { Original, Protocol } from '../buying/payer.js'
import type { HeaderLookup } from '../buying/receipt.js'

/** What an HTTP 402 says. */
export interface PaymentAnswer {
  /** The URL that it came from. */
  url: string
  header: HeaderLookup
  /** It is read only if no header asks for a payment of x402. */
  body: () => Promise<string | undefined>
}

/** What a caller can pay, and in which headers. */
export interface Able {
  protocols: readonly Protocol[]
  nowMs: number
  /** Whether the call needs a header for itself. Default: none. Names are in lower case. */
  isTaken?: (header: string) => boolean
}

/** Every way to pay, in the form of x402 v2, so that the limits apply to all of them alike. */
export interface Offer {
  challenge: Challenge
  originals: ReadonlyMap<Requirement, Original>
}

/**
 * What a seller asks for over HTTP, as far as the payer can pay it. x402 v2 is in a header or the body, v1 in
 * the body, MPP in `WWW-Authenticate`. `undefined` if there is no challenge that can be read.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/http.md
 */
export async function offerIn(answer: PaymentAnswer, able: Able): Promise<Offer | undefined> {
  const { protocols } = able
  const x402 = protocols.includes('x402') ? await x402Offer(answer) : undefined
  const mpp = protocols.includes('mpp') ? mppOffers(answer, able) : []
  if (x402 === undefined && mpp.length === 0) return undefined
  const { challenge, originals = [] } = x402 ?? { challenge: emptyChallenge(answer.url) }
  return {
    challenge: { ...challenge, accepts: [...challenge.accepts, ...mpp.map(([one]) => one)] },
    originals: new Map<Requirement, Original>([...originals, ...mpp]),
  }
}

type WithOriginal = [Requirement, Original]

interface X402Offer {
  challenge: Challenge
  originals?: WithOriginal[]
}

async function x402Offer({ url, header, body }: PaymentAnswer): Promise<X402Offer | undefined> {
  const inHeader = header(PAYMENT_REQUIRED_HEADER)
  const challenge = inHeader ? readChallenge(decodeHeader(inHeader)) : undefined
  if (challenge !== undefined) return { challenge }
  const text = await body()
  const written = text === undefined ? undefined : parseJson(text)
  const inBody = readChallenge(written)
  return inBody === undefined ? v1Offer(written, url) : { challenge: inBody }
}

/** A call is for one resource: if a challenge names several, the first counts. */
function v1Offer(written: unknown, url: string): X402Offer | undefined {
  if (!isRecord(written) || written['x402Version'] !== 1) return undefined
  const listed: unknown[] = Array.isArray(written['accepts']) ? written['accepts'] : []
  const offers = listed.flatMap(readV1)
  const resource = offers[0]?.[1].v1?.resource ?? url
  const originals = offers.filter(([, { v1 }]) => (v1?.resource ?? url) === resource)
  const accepts = originals.map(([requirement]) => requirement)
  const { error } = written
  const challenge = challengeWith({ x402Version: 2, error, resource: { url: resource } }, accepts)
  return challenge && { challenge, originals }
}

function readV1(written: unknown): WithOriginal[] {
  const v1 = RequirementV1Schema.safeParse(written).data
  if (v1 === undefined) return []
  const { network, maxAmountRequired, ...rest } = v1
  const translated = { ...rest, network: caip2(network), amount: maxAmountRequired }
  const requirement = readRequirement(translated)
  return requirement === undefined ? [] : [[requirement, { v1 }]]
}

/** Ways to pay by MPP: those that are paid once and in one piece, in a header that is free. */
function mppOffers({ header }: PaymentAnswer, { nowMs, isTaken }: Able): WithOriginal[] {
  const isFree = (mpp: MppChallenge) => {
    const name = credentialHeaderOf(mpp)
    return name !== undefined && isTaken?.(name.toLowerCase()) !== true
  }
  return mppChallenges(header('www-authenticate'))
    .filter((mpp) => mpp.intent === 'charge' && !isExpired(mpp, nowMs) && isWhole(mpp))
    .filter(isFree)
    .map((mpp): WithOriginal => {
      const { amount, currency, recipient } = mpp.request
      const network = mppNetwork(mpp) ?? mpp.method
      const expiresMs = expiryOf(mpp)
      const maxTimeoutSeconds = expiresMs && Math.ceil((expiresMs - nowMs) / 1000)
      const requirement = {
        scheme: 'mpp:charge',
        network: caip2(network),
        amount,
        maxTimeoutSeconds,
      }
      return [{ ...requirement, asset: currency, payTo: recipient }, { mpp }]
    })
}

function isWhole({ request }: MppChallenge): boolean {
  const splits = request.methodDetails?.['splits']
  return !Array.isArray(splits) || splits.length === 0
}

function emptyChallenge(url: string): Challenge {
  return { x402Version: 2, resource: { url }, accepts: [] }
}
