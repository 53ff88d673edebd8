import type { Facilitators } from '../../facilitators/failover.js'
import type { FacilitatorsCall, SettlementStatus } from '../../facilitators/facilitator-client.js'
import { countdown, share } from '../../time/countdown.js'
import { toAmount } from '../../wire/amounts.js'
import { isRecord } from '../../wire/json.js'
import {
  namesIn,
  settlementNames,
  type SettlementNames,
} from '../../facilitators/settlement-status.js'
import type { AssetRequirements } from '../../wire/x402.js'
import type { RpcUrls } from '../options/money/asset-options.js'
import {
  type Authorization,
  type OnChain,
  authorizationOnChain,
} from '../../chain/authorization-on-chain.js'
import type { Payload, SettleablePayment } from './payment.js'
import type { AskedOutcome, Outcome } from './rail.js'
import { readAssetSettlement } from './read-asset-settlement.js'
import { rpcAt } from '../../chain/rpc.js'

/** The facilitators and chains that can tell what became of a payment in money. */
interface Sources {
  readonly facilitators: Facilitators
  readonly requirements: AssetRequirements
  readonly rpcUrls: RpcUrls | undefined
}

/**
 * A payment that may have been settled. If it was never verified, it is not known which facilitator settles
 * it.
 */
type Paid = Pick<SettleablePayment, 'payload'> & Partial<Pick<SettleablePayment, 'facilitator'>>

/** Asks the facilitator once what became of a settlement. `undefined` if it cannot be asked. */
export async function statusOf(
  { facilitators, requirements }: Sources,
  { payload, facilitator }: Paid,
  asked: AskedOutcome,
  call: FacilitatorsCall,
): Promise<Outcome | undefined> {
  const { settlementId } = asked
  if (settlementId === undefined) return undefined
  try {
    const status = await facilitators.status(facilitator, settlementId, call)
    return status && toOutcome(status, payload, requirements, asked)
  } catch {
    return unknown(asked, true)
  }
}

function toOutcome(
  status: SettlementStatus,
  payload: Payload,
  { network }: AssetRequirements,
  asked: AskedOutcome,
): Outcome {
  const names = { ...asked, ...settlementNames({ transaction: status.transaction }) }
  switch (status.status) {
    case 'completed': {
      const { transaction, payer, amount } = status
      const answer = { success: true, transaction, network: status.network, payer, amount }
      const read = readAssetSettlement(answer, payload, asked.amount, network)
      return 'settled' in read ? { kind: 'settled', settlement: read } : unknown(names, false)
    }
    case 'failed':
      // If a transaction is named, or the outcome is not known, the payment may have been made all the same.
      return status.transaction || status.reason === 'outcome_unknown'
        ? unknown(names, false)
        : { kind: 'not-settled', reason: status.reason ?? undefined }
    case 'pending':
      return unknown(names, status.reason !== 'outcome_unknown')
    default:
      return unknown(names, false)
  }
}

function unknown(names: SettlementNames, isPending: boolean): Outcome {
  return { kind: 'unknown', isPending, ...namesIn(names) }
}

/** What became of a payment, by the facilitator's word or else by the chain. Never throws. */
export async function outcomeOf(
  sources: Sources,
  payment: Paid,
  asked: AskedOutcome,
  call: FacilitatorsCall,
): Promise<Outcome> {
  const leftMs = countdown(call.timeoutMs)
  const limited = { ...call, timeoutMs: share(call.timeoutMs, 2) }
  const said = await statusOf(sources, payment, asked, limited)
  if (said !== undefined && said.kind !== 'unknown') return said
  const names = said ?? asked
  const found = await onChain(sources, payment, { ...asked, ...names }, leftMs)
  switch (found.kind) {
    case 'settled': {
      const { network } = sources.requirements
      const answer = { success: true, transaction: found.transaction, network }
      const paid = { ...answer, payer: found.payer, amount: asked.amount.toString() }
      const read = readAssetSettlement(paid, payment.payload, asked.amount, network)
      return 'settled' in read ? { kind: 'settled', settlement: read } : unknown(names, false)
    }
    case 'not-settled':
      return { kind: 'not-settled' }
    default:
      return said ?? unknown(names, false)
  }
}

/** Asks the endpoints of the chain one after the other, until one answers. */
async function onChain(
  { requirements, rpcUrls }: Sources,
  { payload }: Paid,
  asked: AskedOutcome,
  leftMs: () => number,
): Promise<OnChain & { payer?: string }> {
  const { network } = requirements
  const given = rpcUrls && Object.hasOwn(rpcUrls, network) ? rpcUrls[network] : undefined
  const wanted = given === undefined ? undefined : authorizationIn(payload, requirements, asked)
  if (given === undefined || wanted === undefined) return { kind: 'unknown' }
  const urls = typeof given === 'string' ? [given] : given
  for (const [tried, url] of urls.entries()) {
    if (leftMs() <= 0) break
    const ownMs = countdown(share(leftMs(), urls.length - tried))
    try {
      return { payer: wanted.payer, ...(await authorizationOnChain(rpcAt(url, ownMs), wanted)) }
    } catch {
      // Another endpoint may know.
    }
  }
  return { kind: 'unknown' }
}

/** @returns `undefined` unless the payment is signed by EIP-3009 for our terms. */
function authorizationIn(
  payload: Payload,
  { scheme, network, asset, payTo }: AssetRequirements,
  { amount, transaction }: AskedOutcome,
): Authorization | undefined {
  const signed = isRecord(payload?.['payload']) ? payload['payload'] : {}
  const { authorization, permit2Authorization } = signed
  if (scheme !== 'exact' || !network.startsWith('eip155:')) return undefined
  if (!isRecord(authorization) || permit2Authorization !== undefined) return undefined
  const { from, nonce, validBefore: end } = authorization
  const validBefore = typeof end === 'number' ? toAmount(String(end)) : toAmount(end)
  if (typeof from !== 'string' || !/^0x[\da-f]{40}$/i.test(from)) return undefined
  if (typeof nonce !== 'string' || !/^0x[\da-f]{64}$/i.test(nonce)) return undefined
  if (validBefore === undefined) return undefined
  return { network, asset, payer: from, payTo, nonce, amount, validBefore, transaction }
}
