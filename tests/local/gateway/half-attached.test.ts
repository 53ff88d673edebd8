import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { GatewayOptions } from '../../../src/local/index.js'
import { stack } from '../../support/seller.js'
import { passing, started, tool } from '../support/gateway.js'

const CODE = 'AGENTCORE_X402_HALF_INTERCEPTOR'
const targets = [{ name: 'shop', lambda: () => 1, tools: [tool('echo')] }]
const one = { lambda: passing }

/** What the process was warned of, under {@link CODE}. */
const warnings: string[] = []
beforeEach(() => {
  warnings.splice(0)
  jest.spyOn(process, 'emitWarning').mockImplementation((message, details) => {
    if (typeof details === 'object' && 'code' in details && details.code === CODE)
      warnings.push(String(message))
  })
})
afterEach(() => void jest.restoreAllMocks())

async function startTimes(count: number, options: Partial<GatewayOptions>): Promise<void> {
  for (let i = 0; i < count; i++) await started.gateway({ targets, ...options })
}

test('a Gateway with both interceptors, or with none, warns of nothing', async () => {
  await startTimes(1, { requestInterceptor: one, responseInterceptor: one })
  await startTimes(1, {})
  expect(warnings).toEqual([])
})

test('the local stack, which sells a wrapped handler at REQUEST, warns of nothing', async () => {
  const local = await stack()
  local.sell({ handler: passing })
  expect(warnings).toEqual([])
})

test('one with an interceptor at REQUEST only warns at its start, once in a process', async () => {
  await startTimes(2, { requestInterceptor: one })
  expect(warnings).toEqual([
    'The local Gateway has an interceptor at REQUEST and none at RESPONSE. One of createInterceptor needs both: ' +
      'give the same function as responseInterceptor too.',
  ])
})

test('one with an interceptor at RESPONSE only warns as well, once in a process', async () => {
  await startTimes(2, { responseInterceptor: one })
  expect(warnings).toEqual([
    'The local Gateway has an interceptor at RESPONSE and none at REQUEST. One of createInterceptor needs both: ' +
      'give the same function as requestInterceptor too.',
  ])
})

test('after that, neither half is warned of again', async () => {
  await startTimes(1, { requestInterceptor: one })
  await startTimes(1, { responseInterceptor: one })
  expect(warnings).toEqual([])
})
