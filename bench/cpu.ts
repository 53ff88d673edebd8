import { EventEmitter } from 'node:events'
import http from 'node:http'
import { Readable } from 'node:stream'
import axios, { AxiosHeaders } from 'axios'
import { Payments, requiresPayment, type WrappedHandler } from 'agentcore-x402'
import { spread } from './stats.js'

const RUNS = 7
const CALLS = 20_000

/** CPU of one paid call, everything outside the wrapper stubbed at two depths. */
export async function benchCpu(): Promise<void> {
  const stubbedFacilitator = requiresPayment(handler, {
    facilitator: {
      verifyPermissions: async () => VERIFIED,
      settlePermissions: async () => SETTLED,
    },
    scheme: 'nvm:erc4337',
    network: 'eip155:84532',
    planId: '1',
  })
  const stubbedTransport = requiresPayment(handler, {
    payments: Payments.getInstance({ nvmApiKey: KEY, backendUrl: 'http://127.0.0.1:9' }),
    scheme: 'nvm:erc4337',
    network: 'eip155:84532',
    planId: '1',
  })
  const request = http.request
  http.request = answerAtOnce as unknown as typeof http.request
  const sendHttp = axios.getAdapter('http')
  const axiosRequest = () =>
    sendHttp({
      url: 'http://127.0.0.1:9/settle',
      method: 'POST',
      headers: new AxiosHeaders({ Accept: 'application/json' }),
      transport: { request: http.request },
    })
  const runs = { facilitator: [] as number[], transport: [] as number[], axios: [] as number[] }
  for (let run = 0; run < RUNS + 1; run++) {
    const facilitator = await cpuOf(() => paid(stubbedFacilitator), CALLS)
    const transport = await cpuOf(() => paid(stubbedTransport), CALLS / 10)
    const axiosAlone = 2 * (await cpuOf(axiosRequest, CALLS / 10))
    if (run === 0) continue // warm-up
    runs.facilitator.push(facilitator)
    runs.transport.push(transport)
    runs.axios.push(axiosAlone)
  }
  http.request = request
  console.log('CPU of a paid call (1.4 KB token), user and system')
  console.log(`  facilitator object stubbed    ${spread(runs.facilitator, 1)} µs`)
  console.log(`  only the transport stubbed    ${spread(runs.transport, 1)} µs`)
  console.log(`  of which axios, two requests  ${spread(runs.axios, 1)} µs\n`)
}

const handler = () => ({ content: [{ type: 'text', text: 'ok' }] })
const VERIFIED = { isValid: true, payer: '0x01', network: 'eip155:84532', agentRequestId: 'r-1' }
const SETTLED = {
  success: true,
  payer: '0x01',
  transaction: '0x02',
  network: 'eip155:84532',
  creditsRedeemed: '1',
  remainingBalance: '99',
}
const KEY = `local:e30.${Buffer.from('{"sub":"0x01"}').toString('base64url')}.sig`

/** As long as a token of version 2 with real session keys. */
const TOKEN = Buffer.from(
  JSON.stringify({
    x402Version: 2,
    accepted: {
      scheme: 'nvm:erc4337',
      network: 'eip155:84532',
      planId: '1',
      extra: { version: '1' },
    },
    payload: {
      signature: `0x${'ab'.repeat(65)}`,
      authorization: {
        from: '0x01',
        sessionKeysProvider: 'zerodev',
        sessionKeys: [
          { id: 'order', data: `0x${'cd'.repeat(150)}` },
          { id: 'redeem', data: `0x${'ef'.repeat(150)}` },
        ],
      },
    },
    extensions: {},
  }),
).toString('base64url')
const EVENT = {
  interceptorInputVersion: '1.0',
  mcp: {
    gatewayRequest: {
      headers: { 'payment-signature': TOKEN },
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'T___t', arguments: {} },
      },
    },
  },
}

async function paid(wrapped: WrappedHandler): Promise<void> {
  const { mcp } = await wrapped(EVENT)
  if (!mcp.transformedGatewayResponse?.headers?.['payment-response']) throw new Error('not paid')
}

/** In place of Node's `http.request`: an answer without a socket. */
function answerAtOnce(
  { path }: http.RequestOptions,
  onAnswer: (answer: unknown) => void,
): EventEmitter {
  const answer = path?.endsWith('/verify') ? VERIFIED : SETTLED
  const request = Object.assign(new EventEmitter(), {
    reusedSocket: true,
    setTimeout: () => undefined,
    destroy: () => undefined,
    end: () => {
      const body = Readable.from([Buffer.from(JSON.stringify(answer))])
      onAnswer(
        Object.assign(body, { statusCode: 200, statusMessage: 'OK', headers: {}, req: request }),
      )
      body.once('end', () => request.emit('close'))
    },
  })
  return request
}

/** Unit: µs a call. */
async function cpuOf(call: () => Promise<unknown>, calls: number): Promise<number> {
  const start = process.cpuUsage()
  for (let i = 0; i < calls; i++) await call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / calls
}
