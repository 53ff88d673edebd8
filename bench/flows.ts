import { setTimeout as sleep } from 'node:timers/promises'
import { Payments, requiresPayment, type PaymentFlow } from 'agentcore-x402'
import { paidCall, timeRuns, type Event } from './calls.js'
import { startFacilitator, type Facilitator } from './facilitator.js'
import { createFloor } from './floor.js'
import { median, spread } from './stats.js'

const DELAY_MS = 20
const CALLS_PER_RUN = 40
/** What the handler takes where verify runs beside it. Unit: ms. */
const HANDLER_MS = 20

/**
 * The three flows where a round trip costs something. `upfront` against two bare POSTs; `overlap` against what
 * cannot be saved: the longer of verify and handler, then settle.
 */
export async function benchFlows(): Promise<void> {
  const facilitator = await startFacilitator(DELAY_MS)
  try {
    const { event, bodies } = await paidCall(facilitator)
    const { both, one } = createFloor(facilitator.url, facilitator.nvmApiKey)
    const floor = () => both(bodies.verify, bodies.settle)
    const trip = () => one(bodies.settle)
    const longer = async () => {
      await Promise.all([one(bodies.verify), sleep(HANDLER_MS)])
      await one(bodies.settle)
    }
    const [floorMs = [], tripMs = [], longerMs = [], ...flows] = await timeRuns(
      [
        floor,
        trip,
        longer,
        sold(facilitator, event, 'authorization', 0),
        sold(facilitator, event, 'upfront', 0),
        sold(facilitator, event, 'overlap', HANDLER_MS),
      ],
      CALLS_PER_RUN,
    )
    const ratio = (ms: number[] = [], to: number[] = []) =>
      spread(ms.map((it, i) => it / (to[i] ?? Number.NaN)))
    const [authorization = [], upfront = [], overlap = []] = flows
    console.log(`Flows, facilitator delay ${DELAY_MS} ms, ${CALLS_PER_RUN} calls a run`)
    console.log(
      `  floor: two POSTs              ${spread(floorMs)} ms; one: ${median(tripMs).toFixed(2)} ms`,
    )
    console.log(
      `  authorization                 ${spread(authorization)} ms, to two POSTs ${ratio(authorization, floorMs)}`,
    )
    console.log(
      `  upfront                       ${spread(upfront)} ms, to two POSTs ${ratio(upfront, floorMs)}`,
    )
    console.log(
      `  overlap, handler of ${HANDLER_MS} ms     ${spread(overlap)} ms, to max(verify, handler) + settle ${ratio(overlap, longerMs)}\n`,
    )
  } finally {
    facilitator.stop()
  }
}

function sold(
  { nvmApiKey, url, planId }: Facilitator,
  event: Event,
  flow: PaymentFlow,
  handlerMs: number,
): () => Promise<void> {
  const payments = Payments.getInstance({ nvmApiKey, backendUrl: url })
  const handler = requiresPayment(
    async () => {
      if (handlerMs > 0) await sleep(handlerMs)
      return { content: [{ type: 'text', text: 'ok' }] }
    },
    { payments, planId, flow, scheme: 'nvm:erc4337', network: 'eip155:84532' },
  )
  return async () => {
    const { mcp } = await handler(event)
    if (!mcp.transformedGatewayResponse?.headers?.['payment-response']) throw new Error('not paid')
  }
}
