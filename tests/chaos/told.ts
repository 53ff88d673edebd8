import { NOTHING, type Answer, type Kind } from './answers.js'
import type { Payment } from './buyer.js'
import type { History, Visit } from './history.js'
import { CALM, type Step, planOf } from './plan.js'
import { NO_OUTAGE } from './sharing/outages.js'

/** A visit in short: what was said, and how often the payment was charged until then. */
export interface Told {
  payment?: Payment
  /** One answer after the other, of sends at once. */
  said: readonly Kind[]
  runs?: readonly string[]
  /** One for each answer, or one for all. */
  call?: string | readonly string[]
  charged: number
  isLost?: boolean
  isNewCall?: boolean
  speaksOfCall?: boolean
  step?: Partial<Step>
  text?: string
  outages?: Visit['outages']
}

/** Its container was killed. */
export const KILLED: Partial<Step> = { outage: { ...NO_OUTAGE, passesMs: 1 } }
export const CONFLICT = 'This payment belongs to another call.'

const SINGLE: Payment = paymentOf('single', false)
export const REUSABLE: Payment = paymentOf('reusable', true)
export const NAMED = { ...SINGLE, identifier: 'pay_0123456789abcdef' }
export const AGAIN = { ...paymentOf('again', false), identifier: NAMED.identifier }

function paymentOf(key: string, isReusable: boolean): Payment {
  return {
    key,
    isReusable,
    identifier: undefined,
    text: '',
    value: undefined,
  }
}

function answerOf(kind: Kind, run: string): Answer {
  return {
    ...NOTHING,
    kind,
    ...(kind === 'delivery' && { run }),
    saysNotCharged: kind === 'not charged',
    saysUnknown: kind === 'unknown',
    saysPaid: kind === 'refund due' || kind === 'receipt',
  }
}

/** What a judge is shown. */
export function historyOf(told: readonly Told[], namesCalls: boolean): History {
  const before = new Map<Payment, number>()
  const visits = told.map((one): Visit => {
    const { payment = SINGLE, said, runs = [], call = 'a', charged, isLost = false } = one
    const chargedBefore = before.get(payment) ?? 0
    before.set(payment, charged)
    const answers = said.map((kind, index) => ({
      ...answerOf(kind, runs[index] ?? '1'),
      speaksOfCall: one.speaksOfCall ?? false,
      text: one.text ?? '',
    }))
    return {
      ...{
        payment,
        step: { ...CALM, ...one.step },
        hits: [],
        outages: one.outages ?? [],
        chargedBefore,
        chargedAfter: charged,
      },
      isNewCall: one.isNewCall ?? true,
      said: answers.map((answer, index) => ({
        call: typeof call === 'string' ? call : (call[index] ?? ''),
        ...{ answer, isLost },
      })),
    }
  })
  return { plan: { ...planOf(1, 1, 1), namesCalls }, payments: [...before.keys()], visits }
}
