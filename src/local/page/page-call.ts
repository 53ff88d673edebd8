import { isRecord } from '../../wire/json.js'
import type { Served, TimedNote } from '../http/journal.js'
import type { CallReport } from '../lines/call-report.js'
import { sorted } from '../lines/known.js'
import { outcomeText } from '../lines/outcome-text.js'
import { cutSecrets } from './cut-secrets.js'
import type { PageCall, PageDocument, PageStep } from './messages.js'

type Asked = Extract<TimedNote, { kind: 'asked' }>

/** A call as the page shows it. */
export function pageCall(id: number, report: CallReport, served: Served): PageCall {
  const { at, ms, door, method, tool, outcome, credits, payer, transaction, thrown } = report
  const known = sorted(served)
  const settled = known.events.findLast(({ type }) => type === 'settled')
  return {
    ...{ id, at, ms, door, method, tool, outcome, text: outcomeText(report) },
    ...{ credits, payer, transaction, warnings: report.warnings },
    units: settled?.type === 'settled' ? settled.amount : amountIn(known.answer.receipt),
    failure: thrown && { message: thrown.message, frames: thrown.frames },
    steps: stepsOf(served, known.asked),
    documents: documentsOf(known),
  }
}

/** A receipt over credits names no amount of money. */
function amountIn(receipt: Record<string, unknown> | undefined): string | undefined {
  const amount = receipt?.['amount']
  return typeof amount === 'string' && receipt?.['creditsRedeemed'] === undefined
    ? amount
    : undefined
}

/** What the facilitators were asked, and the time between verify and settle, in which the handler ran. */
function stepsOf({ at }: Served, asked: readonly Asked[]): PageStep[] {
  const steps = asked.map(({ route, since, at: end, status, body }) => ({
    name: route,
    startMs: Math.max(0, since - at),
    ms: end - since,
    isGood: status < 400 && !isRefusal(body),
  }))
  const verify = steps.find(({ name }) => name.endsWith('verify'))
  const settle = steps.find(({ name }) => name.endsWith('settle'))
  if (verify === undefined || settle === undefined) return steps
  const startMs = verify.startMs + verify.ms
  const ms = settle.startMs - startMs
  // With some flows the handler runs beside verify, or after settle. Nobody has measured it then.
  if (ms <= 0) return steps
  const work: PageStep = { name: 'work', startMs, ms, isGood: true }
  return [...steps, work].sort((one, other) => one.startMs - other.startMs)
}

function isRefusal(body: unknown): boolean {
  return isRecord(body) && (body['isValid'] === false || body['success'] === false)
}

function documentsOf({ asked, answer }: ReturnType<typeof sorted>): PageDocument[] {
  const payment = asked.map(({ sent }) => paymentIn(sent)).find((one) => one !== undefined)
  const documents: [string, unknown][] = [
    ['challenge', answer.challenge],
    ['payment', payment],
    ...asked.map(({ route, body }): [string, unknown] => [`answer to ${route}`, body]),
    ['receipt', answer.receipt],
    ['answer', answer.challenge === undefined ? answer.body : undefined],
  ]
  return documents
    .filter(([, value]) => value !== undefined)
    .map(([title, value]) => ({ title, json: cutSecrets(value) }))
}

function paymentIn(sent: unknown): unknown {
  if (!isRecord(sent)) return undefined
  const { paymentPayload, x402AccessToken } = sent
  return paymentPayload ?? (x402AccessToken === undefined ? undefined : { x402AccessToken })
}
