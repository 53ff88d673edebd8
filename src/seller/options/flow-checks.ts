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
