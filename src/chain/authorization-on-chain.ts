import { sameId } from '../wire/amounts.js'
import { isRecord } from '../wire/json.js'
import type { Rpc } from './rpc.js'

/** A payment by EIP-3009 as its payer signed it, on one chain. */
export interface Authorization {
  /** CAIP-2, e.g. `eip155:8453`. */
  readonly network: string
  /** The token's contract. */
  readonly asset: string
  readonly payer: string
  readonly payTo: string
  /** 32 bytes in hexadecimal. */
  readonly nonce: string
  readonly amount: bigint
  /** Unit: s since the epoch. */
  readonly validBefore: bigint
  /** The transaction that may hold the authorization. */
  readonly transaction: string | undefined
}

/** What a chain says of an authorization. */
export type OnChain =
  | { readonly kind: 'settled'; readonly transaction: string }
  | { readonly kind: 'not-settled' }
  | { readonly kind: 'unknown' }

const UNKNOWN: OnChain = { kind: 'unknown' }

/**
 * Looks an authorization up. It is *settled* if a confirmed transaction used it and paid our payee. It is *not
 * settled* if it was cancelled, or is unused at a finalised block after it ended. Otherwise it is unknown.
 *
 * @throws Error if the endpoint does not answer, or is of another chain.
 * @see https://eips.ethereum.org/EIPS/eip-3009
 */
export async function authorizationOnChain(rpc: Rpc, wanted: Authorization): Promise<OnChain> {
  const [chainId, latest] = await Promise.all([rpc('eth_chainId', []), rpc('eth_blockNumber', [])])
  if (`eip155:${numberIn(chainId)}` !== wanted.network) throw new Error('another chain')
  const named = wanted.transaction
  if (named !== undefined && isHash(named) && (await paysUs(rpc, wanted, named))) {
    return { kind: 'settled', transaction: named }
  }
  if (!(await isUsed(rpc, wanted, 'latest'))) return unused(rpc, wanted)
  const log = await findUse(rpc, wanted, numberIn(latest))
  if (log === undefined) return UNKNOWN
  if (log.topic === CANCELED) return { kind: 'not-settled' }
  const isPaid = await paysUs(rpc, wanted, log.transaction)
  return isPaid ? { kind: 'settled', transaction: log.transaction } : UNKNOWN
}

/** A finalised block does not change any more. After its end, an authorization cannot be used. */
async function unused(rpc: Rpc, wanted: Authorization): Promise<OnChain> {
  const block = await rpc('eth_getBlockByNumber', ['finalized', false])
  if (!isRecord(block) || numberIn(block['timestamp']) <= wanted.validBefore) return UNKNOWN
  return (await isUsed(rpc, wanted, block['number'])) ? UNKNOWN : { kind: 'not-settled' }
}

/** Asks `authorizationState(address,bytes32)`. It also says true of a cancelled authorization. */
async function isUsed(rpc: Rpc, { asset, payer, nonce }: Authorization, block: unknown) {
  const data = `0xe94a0102${wordOf(payer)}${nonce.slice(2)}`
  const answer = await rpc('eth_call', [{ to: asset, data }, block])
  // An account without code answers with nothing.
  if (typeof answer !== 'string' || !/^0x0{63}[01]$/.test(answer)) throw new Error('no answer')
  return answer.endsWith('1')
}

/** Topics of `AuthorizationUsed(address,bytes32)`, `AuthorizationCanceled(address,bytes32)`, and `Transfer`. */
const USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
const CANCELED = '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81'
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** The most that endpoints look through at once. Unit: blocks. */
const BLOCKS_AT_ONCE = 2_000n
/** A new settlement is found in the first look. All looks together cover a day on Base. */
const MAX_LOOKS = 22

/** Finds where an authorization was used or cancelled. It looks from the newest block backwards. */
async function findUse(rpc: Rpc, { asset, payer, nonce }: Authorization, latest: bigint) {
  const topics = [[USED, CANCELED], `0x${wordOf(payer)}`, nonce]
  let to = latest
  for (let look = 0; look < MAX_LOOKS && to >= 0n; look++) {
    const from = to >= BLOCKS_AT_ONCE ? to - BLOCKS_AT_ONCE + 1n : 0n
    // New blocks may have come while we asked.
    const toBlock = look === 0 ? 'latest' : hex(to)
    const found = logsIn(
      await rpc('eth_getLogs', [{ address: asset, topics, fromBlock: hex(from), toBlock }]),
    )
    const [first] = found.filter(({ removed }) => removed !== true)
    if (first !== undefined) return { topic: first.topics[0], transaction: first.transactionHash }
    to = from - 1n
  }
  return undefined
}

/**
 * Whether a transaction used the authorization and paid our payee with it. One transaction can use several
 * authorizations of a payer, and no log says which transfer belongs to which. So it counts only if all transfers of
 * the payer in it are like ours, and there is one for each authorization.
 */
async function paysUs(rpc: Rpc, wanted: Authorization, transaction: string): Promise<boolean> {
  const { asset, payer, payTo, nonce, amount } = wanted
  const receipt = await rpc('eth_getTransactionReceipt', [transaction])
  if (!isRecord(receipt) || receipt['status'] !== '0x1') return false
  const logs = logsIn(receipt['logs']).filter(({ address }) => sameId(address, asset))
  const ofPayer = logs.filter(({ topics }) => sameTopic(topics[1], wordOf(payer)))
  const used = ofPayer.filter(({ topics }) => topics[0] === USED)
  const transfers = ofPayer.filter(({ topics }) => topics[0] === TRANSFER)
  const isOurs = ({ topics, data }: Log) =>
    sameTopic(topics[2], wordOf(payTo)) && /^0x[\da-f]{64}$/i.test(data) && BigInt(data) === amount
  return (
    used.some(({ topics }) => sameTopic(topics[2], nonce.slice(2))) &&
    transfers.length === used.length &&
    transfers.every(isOurs)
  )
}

interface Log {
  address: string
  topics: string[]
  data: string
  transactionHash: string
  removed?: unknown
}

function logsIn(value: unknown): Log[] {
  const logs: unknown[] = Array.isArray(value) ? value : []
  return logs.filter((log): log is Log => {
    if (!isRecord(log)) return false
    const { address, topics, data, transactionHash } = log
    const areTexts = [address, data, transactionHash].every((one) => typeof one === 'string')
    return areTexts && Array.isArray(topics) && topics.every((one) => typeof one === 'string')
  })
}

/** An address as a word of 32 bytes, without `0x`. */
function wordOf(address: string): string {
  return address.slice(2).toLowerCase().padStart(64, '0')
}

function sameTopic(topic: string | undefined, word: string): boolean {
  return topic?.toLowerCase() === `0x${word.toLowerCase()}`
}

function isHash(text: string): boolean {
  return /^0x[\da-f]{64}$/i.test(text)
}

function numberIn(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x[\da-f]{1,64}$/i.test(value)) throw new Error('no answer')
  return BigInt(value)
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
