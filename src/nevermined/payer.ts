import { record, refuseUnknown } from '../checks.js'
import { PaymentError } from '../errors/payment-error.js'
import { checkDelegationConfig, checkTokenVersion } from './call-arguments.js'
import type { DelegationConfig } from './subscriber.js'
import { withIdentifier } from '../wire/payment-identifier.js'
import type { Challenge, Requirement } from '../wire/x402-challenge.js'
import {
  PAYMENT_META_KEY,
  PAYMENT_SIGNATURE_HEADER,
  decodeHeader,
  decodeToken,
  encodeToken,
  tokenVersion as tokenVersionOf,
} from '../wire/x402.js'

/** A payment in the two forms it travels in: HTTP headers, and `_meta` of an MCP call. */
export interface X402Payment {
  headers: Record<string, string>
  meta: Record<string, unknown>
}

/** How `Payments.payer` pays. */
export interface PayerOptions {
  /** An existing delegation to pay from: `{ delegationId }`. Default: the account's own credits. */
  delegationConfig?: DelegationConfig | undefined
  /** 3 asks for single-use tokens, bound to what is bought. @default 3 */
  tokenVersion?: 2 | 3 | undefined
}

type Mint = (body: unknown) => Promise<{ accessToken: string }>

const OPTIONS: Readonly<Record<keyof PayerOptions, true>> = {
  delegationConfig: true,
  tokenVersion: true,
}

/**
 * Pays what a challenge asks with tokens of Nevermined.
 *
 * @throws OptionsError naming the option at fault.
 */
export function createPayer(
  mint: Mint,
  options: PayerOptions = {},
): (paymentRequired: Challenge, call: { requirement: Requirement }) => Promise<X402Payment> {
  record('options', options)
  refuseUnknown(options, OPTIONS, 'is not an option of payer')
  const { delegationConfig, tokenVersion = 3 } = options
  checkDelegationConfig('delegationConfig', delegationConfig)
  checkTokenVersion('tokenVersion', tokenVersion)
  return async (paymentRequired, call) => {
    record('paymentRequired', paymentRequired)
    record('call', call)
    record('call.requirement', call.requirement)
    const { resource, extensions } = paymentRequired
    const { scheme, network, planId, extra } = call.requirement
    if (!planId) throw new PaymentError('payment_unusable', 'Nevermined pays from plans only')
    const bound = {
      ...(extra?.agentId && { agentId: extra.agentId }),
      ...(extra?.httpVerb && { httpVerb: extra.httpVerb }),
    }
    const accepted = { scheme, network, planId, extra: bound }
    const { accessToken } = await mint({ accepted, delegationConfig, resource, tokenVersion })
    const payload = decodeHeader(accessToken)
    if (payload === undefined) throw new PaymentError('unreadable_answer', 'no readable token')
    if (tokenVersion === 3 && tokenVersionOf(decodeToken(accessToken)) !== 3) {
      // A reusable token in a seller's hands can be spent again, past any budget.
      const what = 'asked for a single-use token, got a reusable one; tokenVersion: 2 takes those'
      throw new PaymentError('payment_unusable', what)
    }
    const named = withIdentifier(payload, extensions)
    const token = named === payload ? accessToken : encodeToken(named)
    return {
      headers: { [PAYMENT_SIGNATURE_HEADER]: token },
      meta: { [PAYMENT_META_KEY]: named },
    }
  }
}
