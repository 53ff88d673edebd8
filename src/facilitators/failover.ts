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

/**
 * One or several facilitators that work as one. Every method throws a `PaymentsError`, which holds codes and no
 * message of a facilitator.
 */
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
   * Asks the facilitator that verified. It asks another one only if nothing was sent. The answer fits
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
   * Asks the facilitator that settles what became of a settlement, by the id that it gave.
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
   * Finds `extra` of a kind at the first facilitator that serves the kind. Healthy ones are asked first.
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
 * Makes one facilitator of several. One that failed is asked last for 30 s. This time doubles up to 5 min, until it
 * answers again. Health and `/supported` are cached in this instance, so in one container.
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
 * Reasons that say that this facilitator is the wrong one. Another one may take the payment. These are codes of the
 * specification. Facilitators write them alone, or with more text around them.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
const UNSERVED =
  /(?<![a-z\d])(unsupported_(scheme|network)|invalid_(scheme|network|x402_version))(?![a-z\d_])/i

function isUnserved({ isValid, invalidReason }: VerifyResponse): boolean {
  return !isValid && UNSERVED.test(invalidReason ?? '')
}
