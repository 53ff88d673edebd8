import { decodeHeader } from '../../src/wire/x402.js'
import { isRecord } from '../../src/wire/json.js'
import { CONTENT } from './selling/workshop.js'

/** What came back from a door, as it is sent to the buyer. */
export interface Raw {
  status: number
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  /** The JSON of a body. */
  body: unknown
}

export type Kind =
  | 'delivery'
  | 'refund due'
  | 'challenge'
  | 'not charged'
  | 'unknown'
  | 'receipt'
  | 'failure'
  | 'nothing'

/** An answer as a buyer reads it. */
export interface Answer {
  kind: Kind
  /** The number of the run whose content was delivered. */
  run?: string
  challenge?: Challenge
  saysNotCharged: boolean
  /** It says so of its own call, and asks for the same payment again. */
  speaksOfCall: boolean
  saysUnknown: boolean
  /** A receipt of a settlement that succeeded, or the word that a refund is due. */
  saysPaid: boolean
  /** For the story. */
  status: number | undefined
  text: string
}

/** What a buyer reads of a 402. */
export interface Challenge {
  resource: { url: string }
  accepts: Record<string, unknown>[]
  extensions?: Record<string, unknown>
  error?: string
}

/** Lambda ended, or the Gateway lost the target: no answer of ours. */
export const NOTHING: Answer = {
  kind: 'nothing',
  saysNotCharged: false,
  speaksOfCall: false,
  saysUnknown: false,
  saysPaid: false,
  status: undefined,
  text: '',
}

export function read(raw: Raw): Answer {
  const { status, headers, body } = raw
  const all = JSON.stringify(body ?? null)
  const challenge = challengeIn(raw)
  const run = challenge === undefined && !isFailed(raw) ? CONTENT.exec(all)?.[1] : undefined
  const isRefundDue = 'x-refund-due' in headers || all.includes('agentcore-x402/refund-due')
  const saysNotCharged = /you were not charged/i.test(all)
  const speaksOfCall = /you were not charged for this call/i.test(all)
  const hasReceipt = isPaid(headers['payment-response']) || PAID.test(all)
  const isOpen = run === undefined && challenge === undefined && !saysNotCharged && !isRefundDue
  const saysUnknown =
    isOpen && (/unknown|perhaps|come back/i.test(all) || headers['retry-after'] !== undefined)
  const found: [Kind, boolean][] = [
    ['delivery', run !== undefined],
    ['refund due', isRefundDue],
    ['challenge', challenge !== undefined],
    ['not charged', saysNotCharged],
    ['unknown', saysUnknown],
    ['receipt', hasReceipt],
  ]
  const kind = found.find(([, isSo]) => isSo)?.[0] ?? 'failure'
  return {
    kind,
    ...(run !== undefined && { run }),
    ...(challenge !== undefined && { challenge }),
    ...{ saysNotCharged, speaksOfCall, saysUnknown, saysPaid: hasReceipt || isRefundDue },
    status,
    text: challenge?.error ?? all.slice(0, 240),
  }
}

const PAID = /"x402\/payment-response":\{"success":true/

function isPaid(header: string | undefined): boolean {
  return header !== undefined && decodeHeader(header)?.['success'] === true
}

function isFailed({ status, body }: Raw): boolean {
  const { result, error } = isRecord(body) ? body : {}
  return status >= 400 || error !== undefined || (isRecord(result) && result['isError'] === true)
}

/** In the result of a tool, or in the header of x402 v2. */
function challengeIn({ headers, body }: Raw): Challenge | undefined {
  const { result } = isRecord(body) ? body : {}
  const { structuredContent, paymentRequired } = isRecord(result) ? result : {}
  const header = headers['payment-required']
  const all = [structuredContent, paymentRequired, header && decodeHeader(header), body]
  return all.find((one) => isRecord(one) && Array.isArray(one['accepts'])) as Challenge | undefined
}
