import { Payments, requiresPayment, type PaymentRequired } from 'agentcore-x402'
import { startFacilitator, type Facilitator } from './facilitator.js'
import { createFloor } from './floor.js'
import { median, spread } from './stats.js'

const RUNS = 7

/** Time of a paid call against the floor, with this much delay in the facilitator. */
export async function benchCalls(delayMs: number, callsPerRun: number): Promise<void> {
  const facilitator = await startFacilitator(delayMs)
  try {
    const { event, bodies } = await paidCall(facilitator)
    const wrapped = sell(facilitator)
    const floor = createFloor(facilitator.url, facilitator.nvmApiKey)
    const runFloor = () => floor(bodies.verify, bodies.settle)
    const runOurs = async () => {
      const { mcp } = await wrapped(event)
      if (!mcp.transformedGatewayResponse?.headers?.['payment-response'])
        throw new Error('not paid')
    }
    await timeRun(runFloor, callsPerRun)
    await timeRun(runOurs, callsPerRun)
    const runs: { floor: number[]; ours: number[] } = { floor: [], ours: [] }
    for (let run = 0; run < RUNS; run++) {
      runs.floor.push(await timeRun(runFloor, callsPerRun))
      runs.ours.push(await timeRun(runOurs, callsPerRun))
    }
    console.log(`Facilitator delay ${delayMs} ms, ${callsPerRun} calls a run`)
    console.log(`  floor: two kept-alive POSTs   ${spread(runs.floor)} ms`)
    console.log(`  paid call                     ${spread(runs.ours)} ms`)
    console.log(
      `  ratio                         ${spread(runs.ours.map((ms, i) => ms / (runs.floor[i] ?? 1)))}\n`,
    )
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

/** The event of a paid call, and what a facilitator is sent for it. */
async function paidCall({ subscriberApiKey, url, planId }: Facilitator) {
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
