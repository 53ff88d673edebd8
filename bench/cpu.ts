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
  const { sellForPlan, sellForMoney } = sellers()
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
  const runs = {
    reusable: [] as number[],
    singleUse: [] as number[],
    exact: [] as number[],
    transport: [] as number[],
    axios: [] as number[],
  }
  for (let run = 0; run < RUNS + 1; run++) {
    const reusable = await cpuOf(() => paid(sellForPlan, REUSABLE), CALLS)
    // A payment buys once, so every call has one of its own, made before the clock runs.
    const tokens = eventsWith((nonce) => planPayment({ nonce }), run)
    const singleUse = await cpuOf((i) => paid(sellForPlan, tokens[i]), CALLS)
    const payments = eventsWith(exactPayment, run)
    const exact = await cpuOf((i) => paid(sellForMoney, payments[i]), CALLS)
    const transport = await cpuOf(() => paid(stubbedTransport, REUSABLE), CALLS / 10)
    const axiosAlone = 2 * (await cpuOf(axiosRequest, CALLS / 10))
    if (run === 0) continue // warm-up
    runs.reusable.push(reusable)
    runs.singleUse.push(singleUse)
    runs.exact.push(exact)
    runs.transport.push(transport)
    runs.axios.push(axiosAlone)
  }
  http.request = request
  console.log('CPU of a paid call (1.4 KB token), user and system')
  console.log('  facilitator object stubbed')
  console.log(`    reusable plan token         ${spread(runs.reusable, 1)} µs`)
  console.log(`    single-use plan token       ${spread(runs.singleUse, 1)} µs`)
  console.log(`    exact payment               ${spread(runs.exact, 1)} µs`)
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

/** Sellers whose facilitator is an object that answers at once. */
function sellers(): { sellForPlan: WrappedHandler; sellForMoney: WrappedHandler } {
  const sellForPlan = requiresPayment(handler, {
    facilitator: {
      verifyPermissions: async () => VERIFIED,
      settlePermissions: async () => SETTLED,
    },
    scheme: 'nvm:erc4337',
    network: 'eip155:84532',
    planId: '1',
  })
  const sellForMoney = requiresPayment(handler, {
    price: { amount: ACCEPTED.amount, asset: ACCEPTED.asset, extra: ACCEPTED.extra },
    payTo: ACCEPTED.payTo,
    network: ACCEPTED.network,
    facilitators: [
      {
        verify: async () => ({ isValid: true, payer: PAYER }),
        settle: async () => ({
          success: true,
          payer: PAYER,
          transaction: `0x${'12'.repeat(32)}`,
          network: ACCEPTED.network,
        }),
        getSupported: async () => ({ kinds: [], extensions: [], signers: {} }),
      },
    ],
    now: () => NOW_MS,
  })
  return { sellForPlan, sellForMoney }
}

const NOW_MS = 1_700_000_000_000
const PAYER = `0x${'a1'.repeat(20)}`
const ACCEPTED = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: `0x${'b2'.repeat(20)}`,
  payTo: `0x${'c3'.repeat(20)}`,
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}

const exactPayment = (nonce: string) => ({
  x402Version: 2,
  accepted: ACCEPTED,
  resource: { url: 'mcp://tool/T___t' },
  payload: {
    signature: `0x${'ab'.repeat(65)}`,
    authorization: {
      from: PAYER,
      to: ACCEPTED.payTo,
      value: ACCEPTED.amount,
      validAfter: '0',
      validBefore: String(NOW_MS / 1_000 + 300),
      nonce,
    },
  },
})

/** As long as a token of version 2 with real session keys. */
const REUSABLE = eventWith(planPayment({}))
/** One event for each call of a run, each with a nonce of its own. */
function eventsWith(paymentOf: (nonce: string) => Record<string, unknown>, run: number) {
  const nonceOf = (i: number) => `0x${(run * CALLS + i).toString(16).padStart(64, '0')}`
  return Array.from({ length: CALLS }, (_, i) => eventWith(paymentOf(nonceOf(i))))
}

function planPayment(more: Record<string, string>) {
  return {
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
        ...more,
        sessionKeysProvider: 'zerodev',
        sessionKeys: [
          { id: 'order', data: `0x${'cd'.repeat(150)}` },
          { id: 'redeem', data: `0x${'ef'.repeat(150)}` },
        ],
      },
    },
    extensions: {},
  }
}

function eventWith(payment: Record<string, unknown>) {
  const token = Buffer.from(JSON.stringify(payment)).toString('base64url')
  return {
    interceptorInputVersion: '1.0',
    mcp: {
      gatewayRequest: {
        headers: { 'payment-signature': token },
        body: {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'T___t', arguments: {} },
        },
      },
    },
  }
}

async function paid(wrapped: WrappedHandler, event: unknown): Promise<void> {
  const { mcp } = await wrapped(event)
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
async function cpuOf(call: (i: number) => Promise<unknown>, calls: number): Promise<number> {
  const start = process.cpuUsage()
  for (let i = 0; i < calls; i++) await call(i)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / calls
}
