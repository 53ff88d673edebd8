import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { PaymentError, WaitTimeout } from '../../../src/agentcore/index.js'
import { MANAGER, NOTHING, failed, rejection, setUp } from '../support/payment-client.js'

const never = () => new Promise<void>(() => undefined)
const REAL = { now: Date.now, sleep: (ms: number) => setTimeout(ms) }

test('progress that never settles is left behind when the time is up', async () => {
  const { client, state } = await setUp(60_000, REAL)
  const startedAt = performance.now()
  const options = { ...MANAGER, waitForReady: true, maxWait: 0.1, onProgress: never }
  const error = await rejection(client.createPaymentManager(options))
  expect(error).toBeInstanceOf(WaitTimeout)
  expect(String(error)).toMatch(/payment manager shop-\w{10} is still CREATING after 0\.1 s$/)
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  expect((await state()).managers).toEqual(['shop'])
})

test('progress that never settles does not keep what is READY', async () => {
  const { client } = await setUp(0, REAL)
  const onProgress = ({ status }: { status: string }) =>
    status === 'READY' ? never() : Promise.resolve()
  const options = { ...MANAGER, waitForReady: true, maxWait: 0.1, onProgress }
  expect(await client.createPaymentManager(options)).toMatchObject({ status: 'READY' })
})

test('the signal of the call ends progress that never settles', async () => {
  const { client } = await setUp(60_000)
  const controller = new AbortController()
  const reason = new Error('enough')
  const onProgress = () => {
    setImmediate(() => controller.abort(reason))
    return never()
  }
  const options = { ...MANAGER, waitForReady: true, onProgress }
  const created = client.createPaymentManager(options, { abortSignal: controller.signal })
  expect(await rejection(created)).toBe(reason)
})

test('with a connector, progress that never settles is undone when it is given up', async () => {
  const all = await setUp(0, REAL)
  const controller = new AbortController()
  const onProgress = () => {
    setImmediate(() => controller.abort(new Error('enough')))
    return never()
  }
  const error = await failed(all, { onProgress }, { abortSignal: controller.signal })
  expect(error).toMatchObject({ cause: { message: 'enough' }, leftovers: [] })
  expect(await all.state()).toEqual(NOTHING)
})

test.each([
  [
    'throws',
    (bug: Error) => {
      throw bug
    },
  ],
  ['rejects', (bug: Error) => Promise.reject(bug)],
])('progress that %s ends the waiting, and what was made is named', async (_, fail) => {
  const { client, state, called } = await setUp(60_000)
  const bug = new Error('a bug')
  const options = { ...MANAGER, waitForReady: true, onProgress: () => fail(bug) }
  const error = await rejection(client.createPaymentManager(options))
  expect(error).toBeInstanceOf(PaymentError)
  expect(error).toMatchObject({
    code: 'hook_refused',
    message: expect.stringMatching(
      /^onProgress failed; payment manager shop-\w{10}, which was CREATING, is no longer waited for$/,
    ),
    cause: bug,
  })
  expect(called()).toEqual(['CreatePaymentManager'])
  expect((await state()).managers).toEqual(['shop'])
})

test('progress that throws once nobody waits for it any more is forgotten', async () => {
  const { client } = await setUp(60_000)
  const controller = new AbortController()
  const reason = new Error('enough')
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  const onProgress = async () => {
    controller.abort(reason)
    await setTimeout(5)
    throw new Error('too late')
  }
  const options = { ...MANAGER, waitForReady: true, onProgress }
  const call = { abortSignal: controller.signal }
  expect(await rejection(client.createPaymentManager(options, call))).toBe(reason)
  await setTimeout(20)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
