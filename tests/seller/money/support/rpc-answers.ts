export const USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
export const CANCELED = '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81'
export const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

export interface StubLog {
  address: string
  topics: string[]
  data: string
  blockNumber: number
  transactionHash: string
  removed?: boolean
}

/** What an endpoint of a chain answers. */
export interface StubChain {
  chainId: number
  latest: number
  finalized: { number: number; timestamp: number } | null
  /** Whether the authorization is used, as of a block. */
  isUsed: (block: string) => boolean
  logs: StubLog[]
  /** The status of each transaction. */
  receipts: Record<string, '0x1' | '0x0'>
  /** What happens instead of an answer, by method. */
  instead?: Record<string, 'error' | 'silence' | 'html' | 'nothing'>
}

const hex = (value: number) => `0x${value.toString(16)}`

/** What the endpoint answers to one request. */
export function answer(chain: StubChain, method: string, params: unknown[]): unknown {
  const { chainId, latest, finalized, isUsed, logs, receipts } = chain
  const [first, second] = params as [Record<string, unknown> & string, string]
  switch (method) {
    case 'eth_chainId':
      return hex(chainId)
    case 'eth_blockNumber':
      return hex(latest)
    case 'eth_getBlockByNumber':
      return finalized && { number: hex(finalized.number), timestamp: hex(finalized.timestamp) }
    case 'eth_call':
      return `0x${(isUsed(second) ? '1' : '0').padStart(64, '0')}`
    case 'eth_getLogs': {
      const from = Number(first['fromBlock'])
      const to = first['toBlock'] === 'latest' ? latest : Number(first['toBlock'])
      if (to - from > 2_000) throw new Error('range')
      const [kinds, payer, nonce] = first['topics'] as [string[], string, string]
      return logs.filter(
        ({ address, topics, blockNumber }) =>
          address.toLowerCase() === String(first['address']).toLowerCase() &&
          kinds.includes(topics[0] ?? '') &&
          topics[1] === payer &&
          topics[2] === nonce &&
          blockNumber >= from &&
          blockNumber <= to,
      )
    }
    case 'eth_getTransactionReceipt': {
      const status = receipts[first]
      const own = logs.filter(({ transactionHash }) => transactionHash === first)
      return status === undefined ? null : { status, logs: own }
    }
    default:
      return null
  }
}
