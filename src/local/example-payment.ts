import { payerOf } from '../client/buying/payer-of.js'
import { PAYMENT_META_KEY, encodeHeader } from '../wire/x402.js'
import type { Challenge, Requirement } from '../wire/x402-challenge.js'
import { isRecord } from '../wire/json.js'
import { ViemMissing, loadAccounts } from './chain/viem.js'
import type { LocalX402 } from './x402/index.js'

/** How long the payment is valid. People copy it from the terminal and may use it hours later. Unit: s. */
const VALID_SECONDS = 86_400

/** A payment, as the header `PAYMENT-SIGNATURE` holds it, or why there is none. */
export type ExamplePayment = { readonly payment: string } | { readonly problem: string }

/** Where money settles, and who pays. */
export type MoneyPlace = Pick<LocalX402, 'network' | 'asset' | 'buyer'>

/** A payment of the local buyer in money, for one call. */
export async function examplePayment(place: MoneyPlace, offer: Challenge): Promise<ExamplePayment> {
  const { network, asset } = place
  const ways = offer.accepts.filter(({ payTo }) => typeof payTo === 'string')
  const here = ways.filter((one) => one.network === network && isSame(one.asset, asset.address))
  const accepted = here.find(({ scheme }) => scheme === 'exact')
  if (accepted === undefined) return { problem: whyNot(ways, here, place) }
  try {
    return { payment: await signed(place, offer, accepted) }
  } catch (error) {
    if (!(error instanceof ViemMissing)) throw error
    return { problem: 'Payments in money need viem: npm install viem' }
  }
}

function isSame(one: unknown, other: string): boolean {
  return typeof one === 'string' && one.toLowerCase() === other.toLowerCase()
}

function whyNot(
  ways: readonly Requirement[],
  here: readonly Requirement[],
  { asset, network }: MoneyPlace,
): string {
  if (ways.length === 0) return 'It is not sold for money'
  if (here.length > 0) return `It takes money by ${here[0]?.scheme} only, which is not signed here`
  const asked = ways.map((one) => `${one.asset} on ${one.network}`).join(', ')
  return `It takes money as ${asked}, and this stack settles ${asset.address} on ${network}`
}

async function signed(
  { buyer }: MoneyPlace,
  offer: Challenge,
  accepted: Requirement,
): Promise<string> {
  const { privateKeyToAccount } = await loadAccounts()
  const pay = payerOf(privateKeyToAccount(buyer.privateKey))
  const { maxTimeoutSeconds } = accepted
  const seconds = Math.max(VALID_SECONDS, Number(maxTimeoutSeconds ?? 0))
  const { meta } = await pay(offer, {
    requirement: { ...accepted, maxTimeoutSeconds: seconds },
  })
  const payment = meta?.[PAYMENT_META_KEY]
  return encodeHeader({ ...(isRecord(payment) && payment), accepted })
}
