import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'

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

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

/** Starts a JSON-RPC endpoint over HTTP. */
export async function rpcStub(chain: StubChain) {
  const asked: { method: string; params: unknown[] }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const { id, method, params } = JSON.parse(text) as {
        id: number
        method: string
        params: unknown[]
      }
      asked.push({ method, params })
      const instead = chain.instead?.[method]
      if (instead === 'silence') return
      if (instead === 'html') return void response.writeHead(502).end('<html>')
      if (instead === 'error') {
        return void response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_000 } }))
      }
      const result = instead === 'nothing' ? '0x' : answer(chain, method, params)
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  open.push(
    () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked }
}

const hex = (value: number) => `0x${value.toString(16)}`

function answer(chain: StubChain, method: string, params: unknown[]): unknown {
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
