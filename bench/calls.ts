import {
  Payments,
  createInterceptor,
  requiresPayment,
  type InterceptorOutput,
  type PaymentRequired,
} from 'agentcore-x402'
import { startFacilitator, type Facilitator } from './facilitator.js'
import { createFloor } from './floor.js'
import { median, spread } from './stats.js'

const RUNS = 7

/** Time of a paid call through both doors against the floor, with this much delay in the facilitator. */
export async function benchCalls(delayMs: number, callsPerRun: number): Promise<void> {
  const facilitator = await startFacilitator(delayMs)
  try {
    const { event, bodies } = await paidCall(facilitator)
    const wrapped = sell(facilitator)
    const { both } = createFloor(facilitator.url, facilitator.nvmApiKey)
    const runFloor = () => both(bodies.verify, bodies.settle)
    const runOurs = async () => requirePaid(await wrapped(event))
    const pair = intercept(facilitator)
    const runPair = async () => requirePaid(await bothPhases(pair, event))
    const ways = [runFloor, runOurs, runPair]
    const runs = await timeRuns(ways, callsPerRun)
    const [floorMs = [], oursMs = [], pairMs = []] = runs
    const ratio = (ms: number[]) => spread(ms.map((it, i) => it / (floorMs[i] ?? 1)))
    console.log(`Facilitator delay ${delayMs} ms, ${callsPerRun} calls a run`)
    console.log(`  floor: two kept-alive POSTs   ${spread(floorMs)} ms`)
    console.log(`  paid call                     ${spread(oursMs)} ms, ratio ${ratio(oursMs)}`)
    console.log(`  interceptor, both phases      ${spread(pairMs)} ms, ratio ${ratio(pairMs)}\n`)
  } finally {
    facilitator.stop()
  }
}

function sell({ nvmApiKey, url, planId }: Facilitator) {
  const payments = Payments.getInstance({ nvmApiKey, backendUrl: url })
  return requiresPayment(() => ({ content: [{ type: 'text', text: 'ok' }] }), {
    payments,
    planId,
    scheme: 'nvm:erc4337',
    network: 'eip155:84532',
  })
}

export type Event = Awaited<ReturnType<typeof paidCall>>['event']
type Handle = (event: unknown) => Promise<unknown>

function intercept({ nvmApiKey, url, planId }: Facilitator): Handle {
  const payments = Payments.getInstance({ nvmApiKey, backendUrl: url })
  const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532' }
  return createInterceptor({ payments, planId, ...terms }).handle
}

/** The Gateway's two calls around a target that answers at once. */
async function bothPhases(handle: Handle, event: Event): Promise<unknown> {
  const { mcp } = (await handle(event)) as InterceptorOutput
  const result = { content: [{ type: 'text', text: 'ok' }] }
  const gatewayResponse = { statusCode: 200, body: { jsonrpc: '2.0', id: 1, result } }
  const gatewayRequest = { ...event.mcp.gatewayRequest, ...mcp.transformedGatewayRequest }
  return handle({ ...event, mcp: { ...event.mcp, gatewayRequest, gatewayResponse } })
}

function requirePaid(output: unknown): void {
  const { headers } = (output as InterceptorOutput).mcp.transformedGatewayResponse ?? {}
  if (!headers?.['payment-response']) throw new Error('not paid')
}

/** The event of a paid call, and what a facilitator is sent for it. */
export async function paidCall({ subscriberApiKey, url, planId }: Facilitator) {
  const buyer = Payments.getInstance({ nvmApiKey: subscriberApiKey, backendUrl: url })
  const { accessToken } = await buyer.x402.getX402AccessToken(planId)
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'T___bench', arguments: {} },
  }
  const headers = { 'payment-signature': accessToken }
  const paymentRequired: PaymentRequired = {
    x402Version: 2,
    resource: { url: 'mcp://tool/T___bench' },
    accepts: [
      {
        scheme: 'nvm:erc4337',
        network: 'eip155:84532',
        planId,
        extra: { version: '1', httpVerb: 'POST' },
      },
    ],
    extensions: {},
  }
  const verify = { paymentRequired, x402AccessToken: accessToken, maxAmount: '1' }
  return {
    event: { interceptorInputVersion: '1.0', mcp: { gatewayRequest: { headers, body } } },
    bodies: { verify, settle: verify },
  }
}

/** Runs of every way, interleaved after a warm-up: the median time of a call in each. Unit: ms. */
export async function timeRuns(
  ways: readonly (() => Promise<void>)[],
  callsPerRun: number,
): Promise<number[][]> {
  const runs: number[][] = ways.map(() => [])
  for (const way of ways) await timeRun(way, callsPerRun)
  for (let run = 0; run < RUNS; run++) {
    for (const [i, way] of ways.entries()) runs[i]?.push(await timeRun(way, callsPerRun))
  }
  return runs
}

/** Median time of one call. Unit: ms. */
async function timeRun(call: () => Promise<void>, calls: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < calls; i++) {
    const start = performance.now()
    await call()
    times.push(performance.now() - start)
  }
  return median(times)
}
