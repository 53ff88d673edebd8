import {
  HTTPFacilitatorClient,
  type FacilitatorClient,
  type PaidHandler,
  type VerifiedPayment,
} from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { interceptorOptions } from '../../phases/support/phases.js'
import { sale, type Way } from './sales.js'
import { stack } from '../../../support/seller.js'

export const overlap = { flow: 'overlap' } as const

/** A promise, and the function that resolves it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

/** A facilitator whose verify waits for the test. */
function heldBack(way: Way, local: Local) {
  const answering = gate()
  const asking = gate()
  const held =
    <A extends unknown[]>(verify: (...args: A) => Promise<unknown>) =>
    async (...args: A) => {
      asking.open()
      const answer = await verify(...args)
      await answering.opened
      return answer
    }
  const options = way === 'plans' ? heldPlans(local, held) : heldMoney(local, held)
  return { options, asked: asking.opened, answer: answering.open }
}

type Hold = <A extends unknown[]>(
  verify: (...args: A) => Promise<unknown>,
) => (...args: A) => Promise<unknown>

function heldPlans(local: Local, hold: Hold): object {
  const { facilitator, plans } = interceptorOptions(local).payments as NonNullable<
    ReturnType<typeof interceptorOptions>['payments']
  >
  const verifyPermissions = hold(facilitator.verifyPermissions.bind(facilitator))
  const settlePermissions = facilitator.settlePermissions.bind(facilitator)
  const held = { verifyPermissions, settlePermissions }
  return { payments: { facilitator: held, plans, environmentName: 'local' } }
}

function heldMoney({ x402 }: Local, held: Hold): object {
  const client: FacilitatorClient = new HTTPFacilitatorClient({ url: x402.url })
  const settle = client.settle.bind(client)
  const getSupported = client.getSupported.bind(client)
  return { facilitators: [{ verify: held(client.verify.bind(client)), settle, getSupported }] }
}

/** A shop whose verify waits for `answer`. */
export async function heldShop(way: Way, handler: PaidHandler, more: object = {}) {
  const local = await stack()
  const { options, asked, answer } = heldBack(way, local)
  const shop = await sale(way, { ...overlap, ...options, ...more }, handler, local)
  return { ...shop, verifyAsked: asked, answerVerify: answer }
}

/** A handler that says when it was started, and with what. It then waits for the test. */
export function watchedHandler(end: () => unknown = () => 'Hello!') {
  const started = gate()
  const ending = gate()
  const payments: VerifiedPayment[] = []
  const handler = (async (_event: unknown, _context: unknown, payment: VerifiedPayment) => {
    payments.push(payment)
    started.open()
    await ending.opened
    return end()
  }) as PaidHandler
  const isAborted = () => payments.map(({ signal }) => signal?.aborted)
  return { handler, started: started.opened, end: ending.open, payments, isAborted }
}
