import { isRecord } from '../../wire/json.js'
import { FACILITATOR, NETWORK, NETWORK_V1, USDC } from '../chain/asset.js'
import type { Bank, Claim, Moved } from './bank.js'
import { checkExact } from './exact.js'
import { readOrder, type Body, type Order } from './order.js'
import { createQueue } from './queue.js'
import { Refusal } from './refusal.js'
import { checkUpto } from './upto.js'

/** A payment that moved money. */
export interface X402Settlement {
  /** The transaction's hash on the chain. On a ledger it is made up. */
  transaction: string
  /** The scheme of the payment. */
  scheme: 'exact' | 'upto'
  /** The network as the seller named it. */
  network: string
  /** The address of the token. */
  asset: string
  /** The address that paid. */
  payer: string
  /** The address that was paid. */
  payTo: string
  /** Unit: atomic units. */
  amount: bigint
  /** The payment's nonce: 32 bytes for `exact`, a decimal number for `upto`. */
  nonce: string
}

export interface VerifyAnswer {
  isValid: boolean
  invalidReason?: string
  payer?: string
}

export interface SettleAnswer {
  success: boolean
  errorReason?: string
  transaction: string
  network: string
  payer?: string
  /** Unit: atomic units. */
  amount?: string
}

/** The functions behind the routes. */
export interface Facilitator {
  supported: () => Record<string, unknown>
  verify: (body: Body) => Promise<VerifyAnswer>
  settle: (body: Body) => Promise<SettleAnswer>
}

/**
 * Makes a facilitator over a bank.
 *
 * @param now unit: ms since the epoch
 * @param settlements those of before. New ones are added.
 */
export function createFacilitator(
  bank: Bank,
  now: () => number,
  settlements: X402Settlement[],
): Facilitator {
  const inTurn = createQueue()
  return {
    supported: () => supported(bank),
    verify: (body) => verify(bank, body, now),
    // A payment is checked and used before the next one is looked at.
    settle: (body) => inTurn(() => settle(bank, body, now, settlements)),
  }
}

function supported({ schemes }: Bank): Record<string, unknown> {
  const extra = { facilitatorAddress: FACILITATOR }
  return {
    kinds: [
      ...schemes.map((scheme) => ({
        ...{ x402Version: 2, scheme, network: NETWORK },
        ...(scheme === 'upto' && { extra }),
      })),
      { x402Version: 1, scheme: 'exact', network: NETWORK_V1 },
    ],
    extensions: ['payment-identifier'],
    signers: { 'eip155:*': [FACILITATOR] },
  }
}

async function verify(bank: Bank, body: Body, now: () => number): Promise<VerifyAnswer> {
  const payer = payerOf(body)
  try {
    await check(bank, readOrder(body), now, 'verify')
    return { isValid: true, ...payer }
  } catch (error) {
    return { isValid: false, invalidReason: reasonOf(error), ...payer }
  }
}

async function settle(
  bank: Bank,
  body: Body,
  now: () => number,
  settlements: X402Settlement[],
): Promise<SettleAnswer> {
  const about = { network: networkOf(body), ...payerOf(body) }
  try {
    const order = readOrder(body)
    const claim = await check(bank, order, now, 'settle')
    // A charge of nothing sends nothing, and the permit can still be used.
    const isFree = claim.scheme === 'upto' && order.amount === 0n
    const moved: Moved = isFree ? { transaction: '' } : await bank.move(claim, order.amount)
    const { transaction, failure } = moved
    if (failure !== undefined)
      return { success: false, errorReason: failure, transaction, ...about }
    if (!isFree) settlements.push(settlementOf(claim, order, transaction))
    return { success: true, transaction, ...about, amount: order.amount.toString() }
  } catch (error) {
    return { success: false, errorReason: reasonOf(error), transaction: '', ...about }
  }
}

async function check(
  bank: Bank,
  order: Order,
  now: () => number,
  doing: 'verify' | 'settle',
): Promise<Claim> {
  const nowSeconds = BigInt(Math.floor(now() / 1000))
  if (order.scheme === 'exact') return checkExact(order, nowSeconds, bank)
  if (order.scheme === 'upto' && order.version === 2 && bank.schemes.includes('upto')) {
    return checkUpto(order, nowSeconds, bank, doing)
  }
  throw new Refusal('unsupported_scheme')
}

function settlementOf(
  { scheme, payer, payTo, nonce }: Claim,
  { network, amount }: Order,
  transaction: string,
): X402Settlement {
  return { transaction, scheme, network, asset: USDC.address, payer, payTo, amount, nonce }
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason
  throw error
}

/** The payer as the payment names it, good or not. */
function payerOf({ paymentPayload: { payload } }: Body): { payer?: string } {
  if (!isRecord(payload)) return {}
  const signed = payload['authorization'] ?? payload['permit2Authorization']
  return isRecord(signed) && typeof signed['from'] === 'string' ? { payer: signed['from'] } : {}
}

function networkOf({ paymentRequirements: { network } }: Body): string {
  return typeof network === 'string' ? network : ''
}
