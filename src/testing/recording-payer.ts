import { randomBytes } from 'node:crypto'
import {
  payFunctionOf,
  protocolsOf,
  type PayFunction,
  type Payer,
  type PlanBalances,
  type Protocol,
} from '../client/buying/payer.js'
import { PAYMENT_META_KEY } from '../wire/x402.js'
import type { Challenge, Requirement } from '../wire/x402-challenge.js'

/** What a payer was asked to pay. */
export interface AskedPayment {
  /** The challenge, as the seller sent it. */
  readonly challenge: Challenge
  /** The entry of `accepts` that the buyer chose. */
  readonly requirement: Requirement
  /** The URL that asks for the payment. */
  readonly url: string | undefined
  /** The MCP tool that is called. */
  readonly tool: string | undefined
  /** What has become of it so far. */
  readonly outcome: 'asked' | 'paid' | 'failed'
}

/** A payer that keeps what it was asked. */
export interface RecordingPayer {
  /** Pays, as `payingFetch`, `payingAxios` and `payingMcp` ask for it. */
  readonly pay: PayFunction
  /** What it can pay: the same as the payer that pays for it. */
  readonly protocols: readonly Protocol[]
  /** Tells balances of plans, if the payer that pays for it does. */
  readonly plans?: PlanBalances
  /** What it was asked so far, in order. */
  readonly asked: readonly AskedPayment[]
  /** Lets the next payment fail with this error. */
  failNext(error: Error): void
}

/**
 * Makes a payer for tests. It keeps what it was asked to pay.
 *
 * @param payer pays for it, e.g. `payerOf(account)` of a wallet of the local stack. Without one, the payment has the
 * right form for the scheme `exact`, and nobody's signature: a facilitator refuses it, and a stub of a seller can take it.
 * @example
 * const payer = recordingPayer(payerOf(account))
 * const fetch = payingFetch(payer, { budgets })
 * await fetch(url)
 * expect(payer.asked.map(({ requirement }) => requirement.amount)).toEqual(['10000'])
 * @throws OptionsError if `payer` is no payer.
 */
export function recordingPayer(payer?: Payer): RecordingPayer {
  const pay = payer === undefined ? unsigned : payFunctionOf(payer)
  const asked: AskedPayment[] = []
  const failures: Error[] = []
  const { plans } = typeof payer === 'object' ? payer : {}
  return {
    asked,
    protocols: payer === undefined ? ['x402'] : protocolsOf(payer),
    ...(plans && { plans }),
    failNext: (error) => void failures.push(error),
    async pay(challenge, call) {
      const { requirement, url, tool } = call
      const at = asked.push({ challenge, requirement, url, tool, outcome: 'asked' }) - 1
      const note = (outcome: AskedPayment['outcome']): void => {
        asked[at] = { challenge, requirement, url, tool, outcome }
      }
      try {
        const failure = failures.shift()
        if (failure !== undefined) throw failure
        const answer = await pay(challenge, call)
        note('paid')
        return answer
      } catch (error) {
        note('failed')
        throw error
      }
    },
  }
}

const NOBODY = `0x${'0'.repeat(40)}`
const NO_SIGNATURE = `0x${'0'.repeat(130)}`
const VALID_SECONDS = 60

const unsigned: PayFunction = ({ resource, extensions }, { requirement }) => {
  const { payTo, amount, maxTimeoutSeconds = VALID_SECONDS } = requirement
  const authorization = {
    ...{ from: NOBODY, to: payTo, value: amount, validAfter: '0' },
    validBefore: `${Math.floor(Date.now() / 1_000) + Number(maxTimeoutSeconds)}`,
    nonce: `0x${randomBytes(32).toString('hex')}`,
  }
  const payload = { signature: NO_SIGNATURE, authorization }
  const payment = { x402Version: 2, resource, accepted: requirement, payload }
  return Promise.resolve({
    meta: { [PAYMENT_META_KEY]: { ...payment, ...(extensions && { extensions }) } },
  })
}
