import { setTimeout as sleep } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import { PaymentsError } from '../../src/errors/payments-error.js'
import type { FacilitatorClient } from '../../src/facilitators/facilitator-client.js'
import {
  SETTLED,
  json,
  reset,
  silence,
  status,
  type Answering,
} from './support/facilitator-server.js'
import { PAYMENT, REQUIREMENTS, endless, over, paths, scene } from './support/facilitators.js'

test('a settle goes to the one that verified, healthy or not', async () => {
  const { servers, verify, settle } = await scene({ '/verify': status(500) }, {}, {})
  await verify()
  expect(await settle(0)).toEqual({ answer: SETTLED, by: 0 })
  expect(await settle(2)).toEqual({ answer: SETTLED, by: 2 })
  expect(await settle(7)).toMatchObject({ by: 0 })
  expect(paths(servers, '/settle')).toEqual([2, 0, 1])
})

test('a settle without a verify goes to the healthiest', async () => {
  const { verify, settle } = await scene({ '/verify': status(500) }, {})
  await verify()
  expect(await settle(undefined)).toEqual({ answer: SETTLED, by: 1 })
})

test.each<[string, Answering]>([
  ['silence', silence],
  ['a reset', reset],
  ['a 500', status(500)],
  ['a 408', status(408)],
  ['a 429', status(429)],
  ['a 401', status(401)],
  ['a 404', status(404)],
  ['a page', status(200)],
  ['an answer that is none', json(200, { transaction: '0x01' })],
])('after %s at settle no other one is asked', async (_, answering) => {
  const { servers, settle } = await scene({ '/settle': answering }, {})
  await expect(settle(0, 150)).rejects.toBeInstanceOf(PaymentsError)
  expect(paths(servers, '/settle')).toEqual([1, 0])
})

test('a settle that failed is an answer, whatever its reason', async () => {
  const failed = { success: false, errorReason: 'unsupported_scheme', transaction: '' }
  const { servers, settle } = await scene({ '/settle': failed }, {})
  expect(await settle(0)).toEqual({ answer: failed, by: 0 })
  expect(paths(servers, '/settle')).toEqual([1, 0])
})

test('a settle of which nothing was sent goes to the next healthy one', async () => {
  const { servers, verify, settle } = await scene({}, { '/verify': status(500) }, {})
  await servers[0]?.close()
  await verify()
  expect(await settle(0)).toEqual({ answer: SETTLED, by: 2 })
  expect(paths(servers, '/settle')).toEqual([0, 0, 1])
})

test('where nothing could be sent to any, nothing was', async () => {
  const { servers, settle } = await scene({}, {})
  await Promise.all(servers.map((server) => server.close()))
  const facts = { code: 'network_error', outcome: 'unavailable', retryable: true }
  await expect(settle(1)).rejects.toMatchObject(facts)
})

test('a settle that failed says where, so that only that one is asked again', async () => {
  const [unreachable, breaking, idle] = [
    failing('ECONNREFUSED'),
    failing('ECONNRESET'),
    failing('none'),
  ]
  const { settle } = over([unreachable, breaking, idle])
  await expect(settle(0, 500)).rejects.toMatchObject({ outcome: 'unknown', by: 1 })
  expect([unreachable, breaking, idle].map((one) => one.settle.mock.calls.length)).toEqual([
    1, 1, 0,
  ])
})

test('where the time is up, no other one is asked to settle', async () => {
  const late = failing('none')
  const slow = failing('none')
  slow.settle.mockImplementation(async () => {
    await sleep(20)
    throw withCode('ECONNREFUSED')
  })
  await expect(over([slow, late]).settle(0, 1)).rejects.toMatchObject({ outcome: 'unavailable' })
  expect(late.settle).not.toHaveBeenCalled()
})

test('a settle that is repeated after nothing was sent starts anew', async () => {
  const clients = ['ECONNREFUSED', 'ECONNREFUSED'].map(failing)
  const { settle } = over(clients)
  await expect(settle(0, 500)).rejects.toMatchObject({ outcome: 'unavailable' })
  clients[0]?.settle.mockResolvedValue(SETTLED)
  expect(await settle(0, 500)).toEqual({ answer: SETTLED, by: 0 })
  expect(clients[1]?.settle).toHaveBeenCalledTimes(1)
})

function failing(code: string) {
  return {
    ...endless(),
    settle: jest.fn<FacilitatorClient['settle']>().mockRejectedValue(withCode(code)),
  }
}

const withCode = (code: string) => Object.assign(new Error('no'), { code })

test('after an attempt that may have settled a settle can be kept where it is', async () => {
  const { servers, facilitators } = await scene({}, {})
  await servers[0]?.close()
  const call = { timeoutMs: 500, correlationId: 'call', mayMoveOn: false }
  const settle = facilitators.settle(0, PAYMENT, REQUIREMENTS, call)
  await expect(settle).rejects.toMatchObject({ outcome: 'unavailable' })
  expect(paths(servers, '/settle')).toEqual([0, 0])
})
