import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'
import { encodeHeader } from '../../../src/wire/x402.js'

/** Two cents of Base Sepolia's USDC. */
export const TWO_CENTS = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '20000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  maxTimeoutSeconds: 60,
  extra: { name: 'USDC', version: '2' },
}

/** A receipt, as its seller sends it. */
export const SETTLED = encodeHeader({
  ...{ success: true, transaction: `0x${'ab'.repeat(32)}`, network: 'eip155:84532' },
})

/** A challenge, as a header holds it. */
export function asking(accepts: readonly object[] = [TWO_CENTS]): string {
  return encodeHeader({ x402Version: 2, resource: { url: 'http://127.0.0.1/' }, accepts })
}

type Answer = (response: http.ServerResponse, request: http.IncomingMessage) => void

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A server that nobody here wrote. It closes after the test. @returns its URL, and the payments it got */
export async function server(answer: Answer): Promise<{ url: string; payments: string[] }> {
  const payments: string[] = []
  const one = http.createServer((request, response) => {
    const { 'payment-signature': payment } = request.headers
    if (typeof payment === 'string') payments.push(payment)
    request.resume().once('end', () => answer(response, request))
  })
  servers.push(one)
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(one.address() as AddressInfo).port}/`, payments }
}

/** A server that asks for two cents, and does this when a payment comes. */
export function shop(
  sold: Answer,
  header = asking(),
): Promise<{ url: string; payments: string[] }> {
  return server((response, request) => {
    if (request.headers['payment-signature'] !== undefined) return sold(response, request)
    response.writeHead(402, { 'payment-required': header }).end('{}')
  })
}
