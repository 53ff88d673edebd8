import http from 'node:http'
import type { Local } from '../../../../src/local/index.js'
import { officialHeaders } from './official-client.js'

const ENDPOINT = 'https://seller.example/mcp'

/** What @nevermined-io/payments 1.11.0 and payments-py 1.15.1 send. Each has a form of its own. */
export interface Client {
  headers(nvmApiKey?: string): Record<string, string>
  paymentRequired(planId: string, agentId?: string): unknown
}

export const TYPESCRIPT: Client = {
  headers: (key) => ({ ...officialHeaders(key), 'User-Agent': 'node', 'Accept-Language': '*' }),
  paymentRequired: (planId, agentId) => ({
    x402Version: 2,
    resource: { url: ENDPOINT },
    accepts: [
      {
        scheme: 'nvm:erc4337',
        network: 'eip155:84532',
        planId,
        extra: { version: '1', ...(agentId && { agentId }), httpVerb: 'POST' },
      },
    ],
    extensions: {},
  }),
}

/** payments-py. Its models are written out whole: a member that is not set is sent as null. */
export const PYTHON: Client = {
  headers: (key) => ({
    ...officialHeaders(key),
    'User-Agent': 'python-requests/2.32.3',
    'Accept-Encoding': 'gzip, deflate',
    Connection: 'keep-alive',
  }),
  paymentRequired: (planId, agentId) => ({
    x402Version: 2,
    error: null,
    resource: { url: ENDPOINT, description: null, mimeType: null },
    accepts: [
      {
        scheme: 'nvm:erc4337',
        network: 'eip155:84532',
        planId,
        extra: { version: '1', agentId: agentId ?? null, httpVerb: 'POST' },
      },
    ],
    extensions: {},
  }),
}

export const CLIENTS: [string, Client][] = [
  ['TypeScript', TYPESCRIPT],
  ['Python', PYTHON],
]

interface Answer {
  status: number | undefined
  headers: http.IncomingHttpHeaders
  body: Record<string, unknown>
}

/** Sends exactly these headers. `fetch` would add others. */
export async function send(
  local: Local,
  [method, path]: readonly ['GET' | 'POST', string],
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const length = method === 'POST' && { 'Content-Length': String(Buffer.byteLength(text)) }
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...length }, agent: false as const }
    const request = http.request(local.url + path, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
        }),
      )
    })
    request.once('error', reject)
    request.end(text)
  })
}

/** A payment that was altered and kept its signature. */
export function forge(local: Local): string {
  const payment = JSON.parse(Buffer.from(local.accessToken(), 'base64url').toString()) as {
    payload: { authorization: { from: string } }
  }
  payment.payload.authorization.from = local.ledger.addAccount().address
  return Buffer.from(JSON.stringify(payment)).toString('base64url')
}
