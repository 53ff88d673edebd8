import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PayFunction, PaymentLimits } from '../../src/client/index.js'
import { encodeHeader } from '../../src/x402.js'

export const ASSET = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
export const NETWORK = 'eip155:84532'
export const PAYEE = '0x2096000000000000000000000000000000000001'
export const limits = (more: Partial<PaymentLimits> = {}): PaymentLimits => ({
  assets: { [`${NETWORK}/${ASSET}`]: { perCall: 10_000n, total: 30_000n } },
  ...more,
})
export const requirement = {
  scheme: 'exact',
  network: NETWORK,
  amount: '10000',
  asset: ASSET,
  payTo: PAYEE,
  maxTimeoutSeconds: 60,
}

/** What the seller got, and what it answers. */
export interface Got {
  method: string
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}
export type Answer = (got: Got, response: http.ServerResponse, nth: number) => void

const servers: http.Server[] = []
export function closeSellers(): void {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
}

/** A shop on loopback that answers as it is told, and keeps what it got. */
export async function seller(answer: Answer) {
  const got: Got[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks).toString('latin1') }
      got.push(one)
      answer(one, response, got.length)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, got }
}

export const challenge = (url: string, more: Record<string, unknown> = {}) => ({
  x402Version: 2,
  error: 'Payment required',
  resource: { url },
  accepts: [requirement],
  ...more,
})
export const settled = { success: true, transaction: '0xabc', network: NETWORK, amount: '10000' }

/** Takes one payment for a call, as a seller of x402 v2 does. */
export const sells: Answer = ({ headers, url }, response) => {
  if (headers['payment-signature'] === undefined) {
    const header = encodeHeader(challenge(`http://${headers.host}${url}`))
    response.writeHead(402, { 'PAYMENT-REQUIRED': header }).end('{}')
  } else {
    response.writeHead(200, { 'PAYMENT-RESPONSE': encodeHeader(settled) }).end('sold')
  }
}

/** Pays what it is asked to, and keeps count. */
export function wallet() {
  const asked: Parameters<PayFunction>[] = []
  const pay: PayFunction = async (paymentRequired, call) => {
    asked.push([paymentRequired, call])
    const { requirement: accepted } = call
    const authorization = { to: accepted.payTo, value: accepted.amount }
    const payload = { signature: '0x', authorization }
    const { resource } = paymentRequired
    const header = encodeHeader({ x402Version: 2, resource, accepted, payload })
    return Promise.resolve({ headers: { 'PAYMENT-SIGNATURE': header } })
  }
  return { pay, asked }
}

export const V1 = {
  scheme: 'exact',
  network: 'base-sepolia',
  maxAmountRequired: '10000',
  asset: ASSET,
  payTo: PAYEE,
  description: '',
  maxTimeoutSeconds: 60,
  extra: { name: 'USDC', version: '2' },
}
export const sellsV1: Answer = ({ headers, url }, response) => {
  const resource = `http://${headers.host}${url}`
  if (headers['x-payment'] === undefined) {
    const body = {
      x402Version: 1,
      error: 'X-PAYMENT header is required',
      accepts: [{ ...V1, resource }],
    }
    response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  } else response.writeHead(200, { 'X-PAYMENT-RESPONSE': encodeHeader(settled) }).end('sold')
}
