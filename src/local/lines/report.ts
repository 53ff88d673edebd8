import { CODES } from './codes.js'
import type { CallOutcome, CallReport } from './call-report.js'
import { askedReport } from './asked.js'
import { isGood, sorted, type Known } from './known.js'
import { moneyText, priceIn } from './prices.js'
import { readThrown } from './thrown.js'
import { warningsOf } from './warnings.js'
import { withoutSecrets } from './without-secrets.js'
import { isRecord } from '../../wire/json.js'
import type { Served } from '../http/journal.js'

type Facts = Partial<CallReport> & { readonly outcome: CallOutcome }

/** What became of a call. @returns `undefined` if nothing is known of it. */
export function reportOf(served: Served): CallReport | undefined {
  const known = sorted(served)
  const { door, at, ms } = served
  if (door === 'facilitator') {
    const asked = askedReport(known)
    return asked && { door, at, ms, warnings: [], ...asked }
  }
  const { called, answer } = known
  if (called === undefined && answer.status === 0) return undefined
  const { method = 'request', tool = method } = called ?? {}
  const warnings = warningsOf(served, known)
  return { door, at, ms, method, tool, warnings, ...factsOf(known) }
}

/** Who knows best comes first: what happened to the payment, then what failed, then the answer alone. */
function factsOf(known: Known): Facts {
  return ofPayment(known) ?? ofFailure(known) ?? ofInput(known) ?? ofAnswer(known)
}

function ofPayment(known: Known): Facts | undefined {
  const refund = known.events.findLast(({ type }) => type === 'refund-due')
  if (refund !== undefined)
    return { ...paidFacts(known), ...failedFacts(known), outcome: 'refund_due' }
  const failed = known.events.findLast(({ type }) => type === 'failed')
  if (failed?.type === 'failed') return ofFailedPayment(known, failed)
  if (known.events.some(({ type }) => type === 'replayed')) {
    return { ...paidFacts(known), outcome: 'replayed' }
  }
  const { receipt } = known.answer
  const isPaid =
    receipt?.['success'] === true || known.events.some(({ type }) => type === 'settled')
  if (!isPaid) return undefined
  // A RESPONSE interceptor or the Gateway itself may fail after the settle.
  const failure = ofFailure(known)
  return { ...paidFacts(known), ...failure, outcome: failure === undefined ? 'paid' : 'failed' }
}

/** What was paid, by the receipt and by the event. */
function paidFacts({ events, answer }: Known): Partial<CallReport> {
  const event = events.findLast(({ type }) => type === 'settled' || type === 'refund-due')
  const { receipt = {} } = answer
  const settled = (event?.type === 'settled' || event?.type === 'refund-due' ? event : {}) as {
    [K in 'credits' | 'amount' | 'asset' | 'network' | 'transaction' | 'payer']?: string
  }
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined
  const credits = settled.credits ?? text(receipt['creditsRedeemed'])
  const amount = settled.amount ?? text(receipt['amount'])
  const network = settled.network ?? text(receipt['network'])
  return {
    credits,
    left: text(receipt['remainingBalance']),
    money: credits === undefined && amount ? moneyText(amount, settled.asset, network) : undefined,
    network,
    transaction: settled.transaction ?? text(receipt['transaction']),
    payer: settled.payer ?? text(receipt['payer']),
  }
}

type FailedEvent = Extract<Known['events'][number], { type: 'failed' }>

function ofFailedPayment(known: Known, event: FailedEvent): Facts {
  const { code, reason, state, transaction } = event
  const { challenge } = known.answer
  const isPending = code === 'settlement_unknown' && state === 'pending'
  return {
    outcome: isPending ? 'pending' : (CODES[code] ?? 'unavailable'),
    price: challenge && priceIn(challenge),
    ...(code === 'settlement_refused' && { isAtSettle: true }),
    ...(code.startsWith('settlement_') && isGood(known.answer) && { isDelivered: true }),
    ...(transaction !== undefined && { transaction }),
    ...reasonOf(known, code, reason),
  }
}

/** The code that says most, and its words. A facilitator's code is worth more than ours. */
function reasonOf({ asked, lines }: Known, code: string, reason: string): Partial<CallReport> {
  const said = asked.findLast(({ body }) => isRecord(body) && body['code'] === reason)
  if (isRecord(said?.body)) return { code: reason, reason: String(said.body['message']) }
  const thrown = lines.find(({ details }) => details.error !== undefined)?.details.error
  if (OF_THE_SELLER.has(code) && thrown !== undefined) {
    return { code, thrown: readThrown(thrown), reason: readThrown(thrown).message }
  }
  if (code === 'verification_refused' || code === 'settlement_refused') return { code: reason }
  return code === 'payment_required' ? {} : { code, reason: withoutSecrets(reason) }
}

/** Codes of failures of the seller's own functions. */
const OF_THE_SELLER = new Set(['price_invalid', 'hook_refused', 'store_unavailable'])

/** The seller's handler, the target or the Gateway failed, and so there is no good answer. */
function ofFailure(known: Known): Facts | undefined {
  const facts = isGood(known.answer) ? undefined : failedFacts(known)
  return facts && { ...facts, outcome: 'failed' }
}

function failedFacts({ lines, failures }: Known): Partial<CallReport> | undefined {
  const line = lines.find(({ level, details }) => level === 'error' && details.error !== undefined)
  const error = line?.details.error ?? failures[0]?.error
  if (error !== undefined) {
    const thrown = readThrown(error)
    const isHandlers = line === undefined || line.message === 'the handler failed'
    return { thrown, reason: isHandlers ? thrown.message : `${line.message}: ${thrown.message}` }
  }
  const said = lines.find(({ level }) => level === 'error')
  return said && { reason: said.message }
}

/** The seller's own check refused the input. */
function ofInput({ lines }: Known): Facts | undefined {
  const refused = lines.find(({ message }) => message === 'input refused')
  if (refused !== undefined) return { outcome: 'invalid', reason: refused.details.reason }
  const threw = lines.find(({ message }) => message === 'validate threw')?.details.error
  if (threw === undefined) return undefined
  const thrown = readThrown(threw)
  return { outcome: 'invalid', reason: thrown.message, thrown }
}

/** What the answer alone says. Foreign sellers have no log here. */
function ofAnswer({ called, answer, lines, events }: Known): Facts {
  const { challenge, error, result, status } = answer
  if (challenge !== undefined) return { outcome: 'unpaid', price: priceIn(challenge) }
  if (error !== undefined) return rejected(error, lines)
  if (result?.['isError'] === true) return { outcome: 'not_charged', reason: textIn(result) }
  if (status >= 400) return refusedBy(answer)
  if (events.some(({ type }) => type === 'verified')) return { outcome: 'free', credits: '0' }
  return { outcome: called?.tool === undefined ? 'served' : 'free' }
}

/** A JSON-RPC error, with what the seller's log says of it. */
function rejected(error: Record<string, unknown>, lines: Known['lines']): Facts {
  const said = lines.find(({ message }) => message === 'not a call' || message === 'unknown tool')
  const sold = said?.details['sold']
  const known = Array.isArray(sold) && sold.length > 0 ? `; sold are ${sold.join(', ')}` : ''
  const why = said?.details.reason ?? `${String(error['message'])}${known}`
  return { outcome: 'rejected', code: String(error['code']), reason: withoutSecrets(why) }
}

function refusedBy({ status, body }: Known['answer']): Facts {
  const text = typeof body === 'string' ? withoutSecrets(body.slice(0, MAX_CHARS)) : ''
  return { outcome: 'rejected', code: `HTTP ${status}`, ...(text !== '' && { reason: text }) }
}

/** Unit: characters. */
const MAX_CHARS = 200

/** The first text of a result. */
function textIn({ content }: Record<string, unknown>): string {
  const [first] = Array.isArray(content) ? (content as unknown[]) : []
  const text = isRecord(first) ? first['text'] : undefined
  return typeof text === 'string'
    ? withoutSecrets(text.slice(0, MAX_CHARS))
    : 'an error without text'
}
