import type { Chosen } from './payment.js'
import type { Settings } from '../options/settings.js'
import { decodeHeader, type AssetRequirements } from '../../wire/x402.js'
import type {
  Answered,
  FacilitatorPayment,
  FacilitatorRequirements,
  FacilitatorsCall,
  SettleCall,
} from '../../facilitators/facilitator-client.js'
import { toRequirementsV1 } from '../../wire/x402-v1.js'

/** Asks the first healthy facilitator about a payment in money. */
export async function verifyAsset(
  chosen: Chosen,
  call: FacilitatorsCall,
  { facilitators }: Settings,
): Promise<Answered> {
  if (facilitators === undefined) throw new Error('no facilitators')
  const { payload, requirements } = requestFor(chosen, chosen.verifyAmount)
  return facilitators.verify(payload, requirements, call)
}

/**
 * Settles with the facilitator that verified. After an attempt of unknown outcome no other one is asked.
 */
export async function settleAsset(
  chosen: Chosen & { facilitator: number | undefined },
  amount: bigint,
  call: SettleCall,
  { facilitators }: Settings,
): Promise<Answered> {
  if (facilitators === undefined) throw new Error('no facilitators')
  const { payload, requirements } = requestFor(chosen, amount)
  return facilitators.settle(chosen.facilitator, payload, requirements, call)
}

/**
 * The seller's own terms, in the version the buyer speaks. `upto` is verified for the most and settled for what
 * it came to.
 */
function requestFor(
  { terms, token, offer }: Chosen,
  amount: bigint,
): { payload: FacilitatorPayment; requirements: FacilitatorRequirements } {
  const payload = decodeHeader(token)
  if (terms.kind !== 'asset' || payload === undefined) throw new Error('no payment in money')
  const own: AssetRequirements = { ...terms.requirements, amount: amount.toString() }
  const inV1 = payload['x402Version'] === 1 ? toRequirementsV1(own, offer.resource) : undefined
  return {
    payload: payload as FacilitatorPayment,
    requirements: inV1 ?? { ...own },
  }
}
