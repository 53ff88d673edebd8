import { sameId } from '../../wire/amounts.js'

/** What is paid with: credits of a Nevermined plan, or an asset on a network. */
export type PaymentUnit = { planId: string } | { network: string; asset: string }

export function sameUnit(a: PaymentUnit, b: PaymentUnit): boolean {
  if ('planId' in a) return 'planId' in b && a.planId === b.planId
  return !('planId' in b) && a.network === b.network && sameId(a.asset, b.asset)
}
