import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'
import { type StubChain, answer } from './rpc-answers.js'

export { CANCELED, TRANSFER, USED } from './rpc-answers.js'
export type { StubChain, StubLog } from './rpc-answers.js'

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
