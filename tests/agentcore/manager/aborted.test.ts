import { getEventListeners } from 'node:events'
import { expect, test } from '@jest/globals'
import { NO_SESSION, OPERATE, OPERATION_NAMES } from '../support/manager-operations.js'
import { failure, funded, instead, setup } from '../support/payment-manager.js'

test.each(OPERATION_NAMES)('%s that is given up rejects with the reason', async (operation) => {
  const { manager, calls } = await setup()
  const controller = new AbortController()
  const reason = { code: 'changed my mind' }
  controller.abort(reason)
  const { signal: abortSignal } = controller
  expect(await failure(OPERATE[operation](manager, {}, { abortSignal }))).toBe(reason)
  expect(calls()).toEqual([])
})

test('a call that is given up while it is under way rejects with the reason', async () => {
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  const manager = await instead(() => controller.abort(reason))
  const options = { abortSignal: controller.signal }
  expect(await failure(manager.getPaymentSession({ paymentSessionId: NO_SESSION }, options))).toBe(
    reason,
  )
})

test('a call is given up while credentials are looked for', async () => {
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  const { managerWith } = await setup()
  const manager = managerWith({
    credentials: () => new Promise(() => controller.abort(reason)),
  })
  const options = { abortSignal: controller.signal }
  expect(await failure(manager.listPaymentSessions({}, options))).toBe(reason)
})

test('a signal that never speaks is forgotten', async () => {
  const { manager, paymentSessionId } = await funded()
  const { signal: abortSignal } = new AbortController()
  await manager.getPaymentSession({ paymentSessionId }, { abortSignal })
  await new Promise((resolve) => setImmediate(resolve))
  expect(getEventListeners(abortSignal, 'abort')).toEqual([])
})
