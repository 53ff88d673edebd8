import type { Mistake } from '../../errors/mistake.js'
import { shownId } from '../../mistakes/shown-id.js'
import { isRecord } from '../../wire/json.js'
import { isPlanRequirement, type PaymentRequired } from '../../wire/x402.js'
import type { Payment } from '../events/payment-carriers.js'

type Fields = Readonly<Record<string, unknown>>

/**
 * The mistake of a payment that is made for something else than the seller offers: another plan, another
 * environment, or another address.
 *
 * @returns `undefined` if the payment is for the offer, as far as can be seen.
 */
export function otherOffer({ payload = {} }: Payment, offer: PaymentRequired): Mistake | undefined {
  const accepted = isRecord(payload['accepted']) ? payload['accepted'] : payload
  const resource = isRecord(payload['resource']) ? payload['resource']['url'] : undefined
  return otherPlan(accepted, offer) ?? otherResource(resource, offer.resource.url)
}

function otherPlan(accepted: Fields, { accepts }: PaymentRequired): Mistake | undefined {
  const plans = accepts.filter(isPlanRequirement)
  const { planId, scheme, network } = accepted
  if (typeof planId !== 'string') return inMoney(scheme, accepts.length - plans.length)
  const sold = plans.find((plan) => plan.planId === planId)
  if (sold === undefined) {
    const ids = plans.map((plan) => shownId(plan.planId)).join(', ')
    return {
      code: 'payment_for_another_offer',
      field: 'planId',
      problem: `a buyer pays for the plan ${shownId(planId)}, and the call is sold for ${ids || 'money only'}`,
      expected: 'a token for the plan of the challenge',
      cure: 'Compare the planId of seller and buyer. Let the buyer take it from the challenge.',
    }
  }
  if (scheme === sold.scheme && network === sold.network) return undefined
  const [paid, asked] = [named(scheme, network), named(sold.scheme, sold.network)]
  return {
    code: 'payment_for_another_offer',
    field: scheme === sold.scheme ? 'network' : 'scheme',
    problem: `a buyer pays by ${paid}, and the call is sold by ${asked}`,
    expected: 'seller and buyer in one environment',
    cure:
      'Compare the prefixes of their keys. If you set the options scheme or network, leave them out: the plan says ' +
      'them.',
  }
}

function inMoney(scheme: unknown, moneyOffers: number): Mistake | undefined {
  if (typeof scheme !== 'string' || scheme.startsWith('nvm:') || moneyOffers > 0) return undefined
  return {
    code: 'payment_for_another_offer',
    field: 'price',
    problem: `a buyer pays in money (${shownText(scheme)}), and the call is sold for credits of a plan only`,
    expected: 'a token for the plan of the challenge',
    cure: 'Let the buyer order the plan, or sell for money too: see the option price.',
  }
}

function otherResource(paid: unknown, sold: string): Mistake | undefined {
  if (typeof paid !== 'string' || paid === sold) return undefined
  return {
    code: 'payment_for_another_offer',
    field: 'endpoint',
    problem: `a buyer pays for ${shownText(paid)}, and the call is sold as ${shownText(sold)}`,
    expected: 'a payment for the resource.url of the challenge',
    cure:
      'Let the buyer take the resource from the challenge. If both name one service, set endpoint to the public ' +
      'address.',
  }
}

function named(scheme: unknown, network: unknown): string {
  return `${shownText(scheme)} on ${shownText(network)}`
}

/** A text of the buyer's. Its query is left out, since it may hold a secret. */
function shownText(text: unknown): string {
  if (typeof text !== 'string') return 'nothing'
  const plain = text.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//')
  return /^[\x21-\x7e]{1,120}$/.test(plain) ? plain : `a text of ${text.length} characters`
}
