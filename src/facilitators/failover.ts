import { OptionsError } from '../errors/payment-error.js'
import { type VerifyResponse, VerifyResponseSchema } from '../wire/x402.js'
import {
  type Answered,
  type FacilitatorClient,
  type FacilitatorPayment,
  type FacilitatorRequirements,
  type FacilitatorsCall,
  type PaymentKind,
  type SettleCall,
  type SettlementStatus,
  SettlementStatusSchema,
  kindIn,
} from './facilitator-client.js'
import { type Member, ask, askMember, byHealth, startingWith, toMember } from './member.js'
import { settleAt } from './settle-at.js'
import { countdown, share } from '../time/countdown.js'
import { failureOfX402 } from './x402-failure.js'

/** One or several facilitators, as one. Every method throws a `PaymentsError` with facts and no prose. */
export interface Facilitators {
  /**
   * Asks one after the other until one answers, the healthy ones first. The answer fits
   * `VerifyResponseSchema`.
   */
  verify(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call: FacilitatorsCall,
  ): Promise<Answered>
  /**
   * Asks the one that verified, and another only if nothing was sent. The answer fits
   * `SettleResponseSchema`.
   *
   * @throws SettleFailedError which says where it failed: after an unknown outcome none but that one may be
   * asked again.
   * @param by - of verify; `undefined` for the healthiest
   */
  settle(
    by: number | undefined,
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call: SettleCall,
  ): Promise<Answered>
  /**
   * What the facilitator that settles says of a settlement, by the id that it gave.
   *
   * @param by - of settle; `undefined` for the first that can say
   * @returns `undefined` if that one cannot say.
   */
  status(
    by: number | undefined,
    settlementId: string,
    call: FacilitatorsCall,
  ): Promise<SettlementStatus | undefined>
  /**
   * `extra` of the kind, of the first facilitator that serves it, the healthy ones first.
   *
   * @returns `undefined` if it is served without `extra`, or by none.
   * @throws PaymentsError if none is known to serve it, and at least one could not be asked.
   */
  extraOf(
    kind: PaymentKind,
    timeoutMs: number,
  ): Promise<Readonly<Record<string, unknown>> | undefined>
}

/**
 * Failover by health. One that failed is asked last for 30 s, doubling up to 5 min, until it answers
 * again. Health and `/supported` are caches of this instance, that is: of one container.
 */
export function createFacilitators(
  clients: readonly FacilitatorClient[],
  now: () => number,
): Facilitators {
  if (clients.length === 0) throw new OptionsError('facilitators', 'expected at least one')
  const members = clients.map((client, by) => toMember(client, by, now))
  return {
    verify: (payment, requirements, call) =>
      verifyAt(byHealth(members), payment, requirements, call),
    settle: (by, payment, requirements, call) =>
      settleAt(startingWith(by, members), payment, requirements, call),
    status: (by, settlementId, call) => statusAt(members, by, settlementId, call),
    extraOf: (kind, timeoutMs) => extraAt(byHealth(members), kind, timeoutMs),
  }
}

async function verifyAt(
  turn: readonly Member[],
  payment: FacilitatorPayment,
  requirements: FacilitatorRequirements,
  { timeoutMs, correlationId }: FacilitatorsCall,
): Promise<Answered> {
  const leftMs = countdown(timeoutMs)
  let unserved: Answered | undefined
  let failure: unknown
  for (const [asked, member] of turn.entries()) {
    const call = { timeoutMs: share(leftMs(), turn.length - asked), correlationId }
    try {
      const answer = await askMember(member, VerifyResponseSchema, call, (sent) =>
        member.client.verify(payment, requirements, sent),
      )
      if (!isUnserved(answer)) return { answer, by: member.by }
      unserved = { answer, by: member.by }
    } catch (error) {
      failure = error
      if (failureOfX402(error).outcome === 'refused') break
    }
  }
  if (failure === undefined && unserved !== undefined) return unserved
  throw failure
}

async function statusAt(
  members: readonly Member[],
  by: number | undefined,
  settlementId: string,
  call: FacilitatorsCall,
): Promise<SettlementStatus | undefined> {
  const clients = members.map(({ client }) => client)
  const client = by === undefined ? clients.find(({ status }) => status !== undefined) : clients[by]
  if (client?.status === undefined) return undefined
  return ask(SettlementStatusSchema, call, async (sent) => client.status?.(settlementId, sent))
}

async function extraAt(
  turn: readonly Member[],
  kind: PaymentKind,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const leftMs = countdown(timeoutMs)
  let failure: unknown
  for (const [asked, { supported }] of turn.entries()) {
    try {
      const found = kindIn(await supported(share(leftMs(), turn.length - asked)), kind)
      if (found !== undefined) return found.extra ? Object.freeze({ ...found.extra }) : undefined
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}

/**
 * A reason that says this facilitator is the wrong one: the payment may suit another. The spec's codes;
 * facilitators write them alone or with something before or after.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
const UNSERVED =
  /(?<![a-z\d])(unsupported_(scheme|network)|invalid_(scheme|network|x402_version))(?![a-z\d_])/i

function isUnserved({ isValid, invalidReason }: VerifyResponse): boolean {
  return !isValid && UNSERVED.test(invalidReason ?? '')
}
