import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Local } from '../../../src/local/index.js'
import { TRANSFER, USED, answer } from '../../seller/money/support/rpc-answers.js'

const word = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`

/** A chain that tells what the ledger of money says, as an endpoint over HTTP. */
export async function openLedgerChain({ x402 }: Local, now: () => number) {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const { id, method, params } = JSON.parse(text) as Asked
      const result = answer(chainOf(x402, now(), params), method, params)
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => closed(server) }
}

interface Asked {
  id: number
  method: string
  params: unknown[]
}

function chainOf({ network, settlements }: Local['x402'], nowMs: number, params: unknown[]) {
  const exact = settlements.filter(({ scheme }) => scheme === 'exact')
  const asked = JSON.stringify(params).toLowerCase()
  return {
    chainId: Number(network.split(':')[1]),
    latest: 10_000,
    finalized: { number: 9_999, timestamp: Math.floor(nowMs / 1_000) },
    isUsed: () => exact.some(({ nonce }) => asked.includes(nonce.slice(2).toLowerCase())),
    logs: exact.flatMap(({ asset, transaction, payer, payTo, nonce, amount }) => {
      const at = { address: asset, blockNumber: 9_990, transactionHash: transaction }
      const data = `0x${amount.toString(16).padStart(64, '0')}`
      return [
        { ...at, topics: [USED, word(payer), nonce], data: '0x' },
        { ...at, topics: [TRANSFER, word(payer), word(payTo)], data },
      ]
    }),
    receipts: Object.fromEntries(exact.map(({ transaction }) => [transaction, '0x1' as const])),
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
