import type { Context } from 'aws-lambda'
import type {
  InterceptorOutput,
  PaidHandler,
  PaymentEvent,
  PaymentStore,
  RefundDue,
} from '../../../../src/index.js'
import { refundIn } from '../../money/support/sales.js'
import { type Target, bothPhases, result } from '../../phases/support/phases.js'
import { sharing } from '../../phases/support/sealed-calls.js'
import { NOW_MS } from '../../../support/clock.js'
import { TOOL, singleUse } from '../../../support/outcome.js'
import { contextWith, recordingLogger, sell, stack } from '../../../support/seller.js'

/** The door through which a call comes that is paid upfront. */
export type RefundDoor = 'decorator' | 'interceptor'
export const REFUND_DOORS: RefundDoor[] = ['decorator', 'interceptor']

/** How long a call that reports a refund keeps other calls from it. Unit: ms. */
export const REPORT_MS = 30_000

type Hook = (refund: RefundDue) => unknown

/** Makes the store of one more container. All stores of a scene share their records. */
export type MakeShared = () => Promise<() => PaymentStore>

const SEALED = { shown: 'transformed', secret: true, store: false } as const
const failing: PaidHandler = () => {
  throw new Error('broken')
}
const broken = result({ isError: true, content: [{ type: 'text', text: 'broken' }] })

/** A payment upfront for work that fails, and everything that is said of its refund. */
export async function refundScene(door: RefundDoor, make: MakeShared) {
  const clock = { ms: NOW_MS }
  const local = await stack({ now: () => clock.ms })
  const storeOf = await make()
  const store = storeOf()
  const heard: RefundDue[] = []
  const events: PaymentEvent[] = []
  const logger = recordingLogger()
  /** How much time an invocation has left: at first, and when the work is done. */
  const context = { leftMs: 30_000, afterWorkMs: 30_000 }
  const getRemainingTimeInMillis = () => context.leftMs
  const shared = {
    ...{ flow: 'upfront' as const, now: () => clock.ms, waitForAnswerMs: 0, logger },
    onEvent: (event: PaymentEvent) => void events.push(event),
  }
  /**
   * Makes a container with a store of its own.
   *
   * @param hook `undefined`: there is none
   */
  const container = (hook: Hook | undefined, paymentStore = storeOf(), work = failing) => {
    const onRefundDue =
      hook &&
      ((refund: RefundDue) => {
        heard.push(refund)
        return hook(refund)
      })
    const options = { ...shared, paymentStore, ...(onRefundDue && { onRefundDue }) }
    const inTime: Context = { ...contextWith(0), getRemainingTimeInMillis }
    if (door === 'decorator') {
      const worked: PaidHandler = (...given) => {
        context.leftMs = context.afterWorkMs
        return work(...given)
      }
      const sold = sell(local, worked, options)
      return (event: object) => sold(event, inTime)
    }
    const handle = sharing(local, SEALED, options)
    return async (event: object): Promise<InterceptorOutput> => {
      const handled = (input: unknown) => handle(input, inTime)
      const worked: Target = (request) => {
        context.leftMs = context.afterWorkMs
        return broken(request)
      }
      return (await bothPhases(handled, event as Record<string, unknown>, worked)).output
    }
  }
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  return {
    ...{ clock, local, store, storeOf, heard, events, context, container, event },
    call: (hook?: Hook) => container(hook)(event),
    lines: logger.lines,
    refundLines: () => logger.lines.filter(({ message }) => message === 'refund due'),
    refundEvents: () => events.filter(({ type }) => type === 'refund-due'),
  }
}

/** The id of the refund that an answer names. */
export function idIn(output: InterceptorOutput): string {
  return (refundIn(output).header as RefundDue).id
}
