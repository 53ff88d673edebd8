import { record, refuseUnknown, text } from '../checks.js'
import { inCall } from '../errors/in-call.js'
import { OptionsError } from '../errors/payment-error.js'
import { toAmount } from '../wire/amounts.js'
import { isRecord } from '../wire/json.js'
import type { Names } from './call-arguments.js'

/**
 * Checks the argument of verify and settle. The API defines the members. The token is not read.
 *
 * @throws OptionsError naming what is wrong.
 */
export function checkPermission(method: string, params: unknown): void {
  inCall(`facilitator.${method}`, params, () => check(method, params))
}

function check(method: string, params: unknown): void {
  if (!isRecord(params)) {
    const wanted = `${method} takes one object: { paymentRequired, x402AccessToken, maxAmount }`
    throw new OptionsError('params', wanted)
  }
  const styled = Object.keys(params).find((key) => key.includes('_'))
  if (styled !== undefined) {
    refuseUnknown({ [styled]: true }, PERMISSION, `is not a parameter of ${method}`)
  }
  record('paymentRequired', params['paymentRequired'])
  text('x402AccessToken', params['x402AccessToken'])
  const { maxAmount } = params
  if (maxAmount === undefined || toAmount(maxAmount) !== undefined) return
  throw new OptionsError('maxAmount', 'expected whole credits ≥ 0 as bigint or decimal string')
}

const PERMISSION: Names = {
  paymentRequired: true,
  x402AccessToken: true,
  maxAmount: true,
  agentRequestId: true,
}
