import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'
import type {
  PayFunction,
  PayerAnswer,
  PayerCall,
  PaymentLimits,
} from '../../../src/client/index.js'
import { encodeCredential } from '../../../src/wire/mpp.js'
import { encodeHeader, encodeToken } from '../../../src/wire/x402.js'

export const ASSET = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
export const NETWORK = 'eip155:84532'
export const PAYEE = '0x2096000000000000000000000000000000000001'
export const OTHER = '0x1111111111111111111111111111111111111111'
/** A signature that must not come out. It is marked, so that a test finds it. */
export const SIGNATURE = `0x${'9c41d7'.repeat(21)}`
export const limits = (more: Partial<PaymentLimits> = {}): PaymentLimits => ({
  budgets: { [`${NETWORK}/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 30_000n } },
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

/** A request that the seller got. */
export interface Got {
  method: string
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}
export type Answer = (got: Got, response: http.ServerResponse, nth: number) => void

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** Starts a shop on loopback. It answers as it is told, and keeps what it got. It closes after the test. */
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
  return { url: `http://127.0.0.1:${port}`, port, got, paid: () => got.filter(isPaid), server }
}

const isPaid = ({ headers }: Got) =>
  [headers['payment-signature'], headers['x-payment']].some(Boolean) ||
  /^payment /i.test(headers.authorization ?? '')

export const challenge = (url: string, more: Record<string, unknown> = {}) => ({
  x402Version: 2,
  error: 'Payment required',
  resource: { url },
  accepts: [requirement],
  ...more,
})
export const settled = { success: true, transaction: '0xabc', network: NETWORK, amount: '10000' }
const resourceOf = ({ headers, url }: Got) => `http://${headers.host}${url}`

/** Answers every request with a challenge. */
export const asking =
  (more: Record<string, unknown> = {}, body = '{}'): Answer =>
  (got, response) => {
    const header = encodeHeader(challenge(resourceOf(got), more))
    response.writeHead(402, { 'PAYMENT-REQUIRED': header }).end(body)
  }

/** Answers the first request with a challenge. The test says how the others are answered. */
export const asksThen =
  (then: Answer, ask: Answer = asking()): Answer =>
  (got, response, nth) =>
    (nth === 1 ? ask : then)(got, response, nth)

/** Sells for one payment, as a seller of x402 v2 does. */
export const sells: Answer = (got, response, nth) => {
  if (!isPaid(got)) return asking()(got, response, nth)
  response.writeHead(200, { 'PAYMENT-RESPONSE': encodeHeader(settled) }).end('sold')
}

type Change = (answer: PayerAnswer, call: PayerCall) => unknown

/** A payer for x402 v2 that counts its payments. Its answer can be changed. */
export function wallet(change: Change = (answer) => answer) {
  const asked: Parameters<PayFunction>[] = []
  const pay: PayFunction = async (paymentRequired, call) => {
    asked.push([paymentRequired, call])
    const { requirement: accepted } = call
    const nonce = `0x${asked.length.toString(16).padStart(64, '0')}`
    const authorization = { to: accepted.payTo, value: accepted.amount, nonce }
    const payload = { signature: SIGNATURE, authorization }
    const { resource } = paymentRequired
    const header = encodeHeader({ x402Version: 2, resource, accepted, payload })
    return change({ headers: { 'PAYMENT-SIGNATURE': header } }, call) as PayerAnswer
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

/** Answers with a challenge in the body, as a seller of x402 v1 does. */
export const asksV1 =
  (accepts?: unknown[]): Answer =>
  (got, response) => {
    const error = 'X-PAYMENT header is required'
    const body = {
      x402Version: 1,
      error,
      accepts: accepts ?? [{ ...V1, resource: resourceOf(got) }],
    }
    response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

export const sellsV1: Answer = (got, response, nth) => {
  if (!isPaid(got)) return asksV1()(got, response, nth)
  response.writeHead(200, { 'X-PAYMENT-RESPONSE': encodeHeader(settled) }).end('sold')
}

export const mppRequest = {
  amount: '10000',
  currency: ASSET,
  recipient: PAYEE,
  methodDetails: { chainId: 84532 },
}

/** Writes a challenge as in `WWW-Authenticate`. Parameters that are `undefined` are left out. */
export function mppChallenge(
  more: Record<string, string | undefined> = {},
  request: unknown = mppRequest,
): string {
  const parameters = { id: 'c1', realm: 'shop', method: 'evm', intent: 'charge' }
  const all: typeof more = { ...parameters, request: encodeToken(request), ...more }
  const given = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${value}"`,
  )
  return `Payment ${given.join(', ')}`
}

/** Answers with a challenge of MPP. The test may add to the header. */
export const asksMpp =
  (...wwwAuthenticate: string[]): Answer =>
  (_, response) =>
    void response
      .writeHead(402, {
        'WWW-Authenticate': wwwAuthenticate.length > 0 ? wwwAuthenticate : [mppChallenge()],
      })
      .end('pay')

export const mppReceipt = encodeToken({ status: 'success', method: 'evm', reference: '0xdef' })
export const sellsMpp: Answer = (got, response, nth) => {
  if (!isPaid(got)) return asksMpp()(got, response, nth)
  response.writeHead(200, { 'Payment-Receipt': mppReceipt }).end('sold')
}

interface Credential {
  challenge: Record<string, unknown>
  payload: Record<string, unknown>
}

/** A payer that pays MPP, too. The credential can be changed. */
export function mppWallet(change: (credential: Credential) => unknown = (it) => it) {
  const { pay: payX402, asked } = wallet()
  const pay: PayFunction = async (paymentRequired, call) => {
    const answer = await payX402(paymentRequired, call)
    if (call.mpp === undefined) return answer
    const { id, realm } = call.mpp
    const { amount, payTo } = call.requirement
    const payload = { type: 'authorization', signature: SIGNATURE, value: amount, to: payTo }
    const credential = change({ challenge: { id, realm }, payload })
    const Authorization = typeof credential === 'string' ? credential : encodeCredential(credential)
    return { headers: { Authorization } }
  }
  return { payer: { pay, protocols: ['x402', 'mpp'] as const }, asked }
}

/** The error that a call rejects with. */
export async function rejection(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => {
      throw new Error('expected the call to fail')
    },
    (error: unknown) => error as Error,
  )
}
