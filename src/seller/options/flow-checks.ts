import { OptionsError } from '../../errors/payment-error.js'
import { isRecord } from '../../wire/json.js'

/** In which order a call is verified, run and settled. */
export type PaymentFlow = 'authorization' | 'upfront' | 'overlap'

/** Options that a flow may forbid. */
interface Given {
  flow?: unknown
  [name: string]: unknown
}

/** @throws OptionsError for an option that the flow cannot honour. */
export function checkFlow(given: Given): void {
  if (given.flow === 'upfront') return checkUpfront(given)
  if (given['onRefundDue'] !== undefined) {
    throw new OptionsError(
      'onRefundDue',
      `only with flow 'upfront': in other flows nothing is paid in advance`,
    )
  }
}

/** A call that is paid before the work has one price, and nothing is decided after the work. */
function checkUpfront(given: Given): void {
  const rows = Object.entries(isRecord(given['tools']) ? given['tools'] : {})
  const bounds = rows.map(([name, row]): [string, boolean] => [
    `tools.${name}.maxCredits`,
    isRecord(row) && row['maxCredits'] !== undefined,
  ])
  const contradictions: [string, boolean][] = [
    ['scheme', given['scheme'] === 'upto'],
    ['maxCredits', given['maxCredits'] !== undefined],
    ...bounds,
    ['creditsFrom', given['creditsFrom'] !== undefined],
    ['chargeOnError', given['chargeOnError'] !== undefined],
    ['onSettlementRefused', given['onSettlementRefused'] === 'deliver'],
    ['onSettlementUnknown', given['onSettlementUnknown'] === 'deliver'],
  ]
  const found = contradictions.find(([, isGiven]) => isGiven)
  if (found === undefined) return
  const why = `not with flow 'upfront': its price is fixed, and is settled before the handler runs`
  throw new OptionsError(found[0], why)
}

/** Options that matter to the overdraft guard. */
interface Guarded {
  overdraftGuard?: unknown
  flow?: unknown
  scheme?: unknown
  payments?: unknown
  facilitator?: unknown
  paymentStore?: unknown
}

/** @throws OptionsError for an option with which the overdraft guard cannot keep its promise. */
export function checkGuard(given: Guarded): void {
  const { overdraftGuard, flow, scheme, payments, facilitator, paymentStore } = given
  if (overdraftGuard !== true) return
  if (flow === 'upfront' || flow === 'overlap') {
    throw new OptionsError('overdraftGuard', `not with flow '${flow}': ${OTHER_FLOWS}`)
  }
  if (isByCard(scheme)) {
    const shown = JSON.stringify(scheme)
    throw new OptionsError('overdraftGuard', `not with the scheme ${shown}: ${BY_CARD}`)
  }
  const client = payments ?? facilitator
  if (client !== undefined && !hasMethods((client as { plans?: unknown }).plans, LOOK_UPS)) {
    throw new OptionsError('overdraftGuard', NO_LOOK_UPS)
  }
  if (paymentStore === undefined || hasMethods(paymentStore, METHODS)) return
  const expected = `the methods ${METHODS.join(', ')}, such as dynamoDbStore({ … })`
  throw new OptionsError('paymentStore', `overdraftGuard needs a store with ${expected}`)
}

/** Whether plans of a scheme are paid by card. */
export function isByCard(scheme: unknown): boolean {
  return typeof scheme === 'string' && scheme.includes('card')
}

/** Why the guard does not know whether a card pays. */
export const BY_CARD =
  'verify calls an active card good, whatever is in work. Leave overdraftGuard out'

const OTHER_FLOWS = `'upfront' settles before the handler, and 'overlap' starts the handler before verify. Leave one of the two out`

const LOOK_UPS = ['getPlan', 'getPlanBalance'] as const

const NO_LOOK_UPS =
  'needs payments with plans.getPlan and plans.getPlanBalance, such as Payments.getInstance({ … }): verify compares ' +
  'the balance with one settlement, and not with several'

const METHODS = ['inFlight', 'reserve', 'endReservation'] as const

function hasMethods(value: unknown, names: readonly string[]): boolean {
  const found = value as Readonly<Record<string, unknown>> | null | undefined
  return names.every((name) => typeof found?.[name] === 'function')
}
