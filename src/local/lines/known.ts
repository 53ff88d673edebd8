import type { LogLine } from '../../logger.js'
import type { PaymentEvent } from '../../seller/options/payment-events.js'
import { isRecord } from '../../wire/json.js'
import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  decodeHeader,
} from '../../wire/x402.js'
import type { Note, Served, TimedNote } from '../http/journal.js'

type Fields = Record<string, unknown>
type Of<K extends Note['kind']> = Extract<TimedNote, { kind: K }>

/** What is known of a call, sorted by who knew it. */
export interface Known {
  readonly called: Of<'called'> | undefined
  readonly failures: readonly Of<'failed'>[]
  readonly asked: readonly Of<'asked'>[]
  readonly lines: readonly LogLine[]
  readonly events: readonly PaymentEvent[]
  readonly answer: KnownAnswer
}

/** The answer that went out. */
export interface KnownAnswer {
  readonly status: number
  /** The result of an MCP answer. */
  readonly result: Fields | undefined
  /** The error of a JSON-RPC answer. */
  readonly error: Fields | undefined
  readonly body: unknown
  readonly challenge: Fields | undefined
  /** The receipt of the payment. */
  readonly receipt: Fields | undefined
}

/** Whether an answer is neither an error nor a refusal. */
export function isGood({ result, error, status }: KnownAnswer): boolean {
  return result?.['isError'] !== true && error === undefined && status > 0 && status < 400
}

export function sorted({ notes }: Served): Known {
  const of = <K extends Note['kind']>(kind: K): Of<K>[] =>
    notes.filter((one): one is Of<K> => one.kind === kind)
  return {
    called: of('called').at(-1),
    failures: of('failed'),
    asked: of('asked'),
    lines: of('logged').map(({ line }) => line as LogLine),
    events: of('happened').map(({ event }) => event as PaymentEvent),
    answer: read(of('answered').at(-1)),
  }
}

function read(answered: Of<'answered'> | undefined): KnownAnswer {
  const { status = 0, headers = {}, body } = answered ?? {}
  const { result, error } = isRecord(body) ? body : {}
  const inHeader = (wanted: string): Fields | undefined => {
    const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted) ?? []
    return typeof value === 'string' ? decodeHeader(value) : undefined
  }
  const ofMcp = isRecord(result) ? result : undefined
  return {
    status,
    result: ofMcp,
    error: isRecord(error) ? error : undefined,
    body,
    challenge: challengeIn(ofMcp) ?? inHeader(PAYMENT_REQUIRED_HEADER),
    receipt: receiptIn(ofMcp) ?? inHeader(PAYMENT_RESPONSE_HEADER),
  }
}

/** A challenge in an MCP result, as the SDKs send it and as the extension `org.x402/payment` does. */
function challengeIn(result: Fields | undefined): Fields | undefined {
  const { structuredContent, paymentRequired = structuredContent } = result ?? {}
  return isRecord(paymentRequired) && 'accepts' in paymentRequired ? paymentRequired : undefined
}

function receiptIn(result: Fields | undefined): Fields | undefined {
  const meta = result?.['_meta']
  const receipt = isRecord(meta) ? meta[PAYMENT_RESPONSE_META_KEY] : undefined
  return isRecord(receipt) ? receipt : undefined
}
