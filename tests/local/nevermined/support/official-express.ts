import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Local } from '../../../../src/local/index.js'
import { officialHeaders } from './official-client.js'
import { decoded, encoded, paramsIn } from './mpp.js'

/*
 * Takes the place of the express middleware of `@nevermined-io/payments` with `mpp: true`, and of its `mpp.fetch`. Their
 * requests, in this order, are those that version 1.11.0 was seen to send to the local stack.
 */

type Fields = Record<string, unknown>

async function post(local: Local, key: string, path: string, body: Fields): Promise<Fields> {
  const response = await fetch(local.url + path, {
    method: 'POST',
    headers: officialHeaders(key),
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as Fields
  if (!response.ok) throw new Error(String(answer['code']))
  return answer
}

/** What the middleware answers: a status, headers and a body. */
interface Reply {
  status: number
  headers?: Record<string, string>
  body: Fields
}

async function answer(local: Local, request: http.IncomingMessage): Promise<Reply> {
  const { planId, nvmApiKey } = local
  const about = { resource: request.url ?? '/', httpVerb: request.method ?? 'GET' }
  const ask = (path: string, body: Fields) => post(local, nvmApiKey, path, { ...body, ...about })
  const challenge = async (message: string, code?: string): Promise<Reply> => {
    const issued = await ask('/api/v1/mpp/challenge', { planId, credits: '2' })
    const headers = { 'www-authenticate': String(issued['challenge']) }
    return { status: 402, headers, body: { error: 'Payment Required', message, code } }
  }
  const credential = request.headers.authorization
  if (credential === undefined) return challenge('Payment required.')
  try {
    await ask('/api/v1/mpp/verify', { credential })
  } catch (error) {
    return challenge('Credential rejected', (error as Error).message)
  }
  const settled = await ask('/api/v1/mpp/settle', { credential })
  const headers = { 'payment-receipt': String(settled['paymentReceipt']) }
  return { status: 200, headers, body: { quote: 42 } }
}

/** Starts a seller of `/quote` for two credits. Whatever its backend refuses to challenge is a 500. */
export async function officialExpress(
  local: Local,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer((request, response) => {
    void answer(local, request)
      .catch((): Reply => ({ status: 500, body: { error: 'Internal Server Error' } }))
      .then(({ status, headers, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(JSON.stringify(body))
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface MppFetched {
  status: number
  body: unknown
  receipt: Fields | undefined
  /** How many credentials were sent. */
  presented: number
}

/** Answers up to two challenges, each with a token of its own. */
export async function officialMppFetch(
  local: Local,
  url: string,
  delegationId: string,
): Promise<MppFetched> {
  let response = await fetch(url)
  let presented = 0
  while (response.status === 402 && presented < 2) {
    const parts = paramsIn(response.headers.get('www-authenticate') ?? '')
    const { planId } = decoded(parts['request'] ?? '')
    const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId, extra: {} }
    const mint = { accepted: terms, delegationConfig: { delegationId } }
    const token = await post(local, local.subscriberApiKey, '/api/v1/mpp/permissions', mint)
    const payload = { accessToken: token['accessToken'] }
    const authorization = `Payment ${encoded({ challenge: parts, payload })}`
    response = await fetch(url, { headers: { authorization } })
    presented += 1
  }
  const receipt = response.headers.get('payment-receipt')
  return {
    status: response.status,
    body: await response.json(),
    receipt: receipt === null ? undefined : decoded(receipt),
    presented,
  }
}
