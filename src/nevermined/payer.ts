import { PaymentError } from '../errors/payment-error.js'
import type { Challenge, Requirement } from '../wire/x402-challenge.js'
import {
  PAYMENT_META_KEY,
  PAYMENT_SIGNATURE_HEADER,
  decodeHeader,
  decodeToken,
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
  delegationConfig?: { delegationId?: string; [key: string]: unknown } | undefined
  /** 3 asks for single-use tokens, bound to what is bought. @default 3 */
  tokenVersion?: 2 | 3 | undefined
}

type Mint = (body: unknown) => Promise<{ accessToken: string }>

/** Pays what a challenge asks with tokens of Nevermined. */
export function createPayer(
  mint: Mint,
  { delegationConfig, tokenVersion = 3 }: PayerOptions = {},
): (paymentRequired: Challenge, call: { requirement: Requirement }) => Promise<X402Payment> {
  return async ({ resource }, { requirement: { scheme, network, planId, extra } }) => {
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
    return {
      headers: { [PAYMENT_SIGNATURE_HEADER]: accessToken },
      meta: { [PAYMENT_META_KEY]: payload },
    }
  }
}
