import { jest } from '@jest/globals'
import type { PaidHandler, PaymentStore } from '../../../../src/index.js'
import { NOW_MS } from '../../../support/clock.js'
import { TOOL, singleUse } from '../../../support/outcome.js'
import { contextWith, sell, stack } from '../../../support/seller.js'
import { newStore } from '../../../support/tested-store.js'

/** How long an invocation may last. A lease lasts ten seconds longer. Unit: ms. */
const INVOCATION_MS = 30_000
export const LEASE_MS = INVOCATION_MS + 10_000

/** A handler that answers with the number of its run. Each run awaits the next of `ends`, if there is one. */
export function numbered(...ends: Promise<unknown>[]) {
  let runs = 0
  return jest.fn<PaidHandler>(async () => {
    const run = (runs += 1)
    await ends[run - 1]
    return `Hello! Run ${run}`
  })
}

/** Containers that share a store and a clock, and a buyer with one single-use token. */
export async function containers(handler: PaidHandler = numbered(), options: object = {}) {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const store = await newStore()
  const payment = singleUse(local)
  const event = local.paidEvent(TOOL, {}, payment)
  const callIn = (paymentStore: PaymentStore) => {
    const wrapped = sell(local, handler, { now, waitForAnswerMs: 0, paymentStore, ...options })
    return (given = event) => wrapped(given, contextWith(INVOCATION_MS))
  }
  return { local, clock, store, payment, event, callIn, call: callIn(store) }
}
