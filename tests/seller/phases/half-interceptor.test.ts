import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { memoryStore } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { NOW_MS } from '../../support/clock.js'
import { singleUse, TOOL } from '../../support/outcome.js'
import { eventOf, recordingLogger, sell, stack, toolCall } from '../../support/seller.js'
import { memoryStore as handoffStore } from './support/memory-store.js'
import { bothPhases, hello, intercept } from './support/phases.js'

/** AgentCore Gateway waits no longer for a target. Unit: ms. */
const TARGET_LIMIT_MS = 900_000
const NEVER_CAME = /its response phase never came/
const AT_RESPONSE = /requiresPayment got an event of the RESPONSE phase/
const NO_REQUEST = /an answer went out, and its request phase left no word/

type Fields = Record<string, unknown>

/** An interceptor with a clock that is put forward, and what it logged. */
async function half(options: object = {}) {
  let time = NOW_MS
  const now = () => time
  const local = await stack({ now })
  const logger = recordingLogger()
  const all = { now, logger, paymentStore: memoryStore(), ...options }
  return {
    local,
    handle: intercept(local, all),
    pass: (ms: number) => void (time += ms),
    said: (what: RegExp) => logger.lines.filter(({ message }) => what.test(message)),
  }
}

/** A paid call. Every client counts its calls from 1, so most calls of a shop have the same id. */
function paid(local: Local, id: unknown = 1): Fields {
  const headers = { 'payment-signature': singleUse(local) }
  return eventOf(toolCall(TOOL, {}, { id }), headers)
}

/** Something that happens in a shop at all times, and pays nothing. */
const LISTING = eventOf({ jsonrpc: '2.0', id: 'list', method: 'tools/list' })

const IDS: [string, (i: number) => unknown][] = [
  ['ids of their own', (i) => i],
  ['the same id', () => 1],
]

test.each(IDS)(
  'an interceptor at REQUEST only says so once, as an error, after many calls with %s',
  async (_, idOf) => {
    const { local, handle, pass, said } = await half()
    for (let i = 0; i < 20; i++) {
      await handle(paid(local, idOf(i)))
      pass(40_000)
    }
    expect(said(NEVER_CAME)).toEqual([])
    for (let i = 20; i < 60; i++) {
      await handle(paid(local, idOf(i)))
      pass(40_000)
    }
    expect(said(NEVER_CAME)).toEqual([
      {
        level: 'error',
        message: expect.stringContaining('attach it at RESPONSE too'),
        details: { tool: TOOL, limitMs: TARGET_LIMIT_MS },
      },
    ])
    expect(local.balance()).toBe(100n)
  },
)

test('it says so at the limit of the target, and not a millisecond before', async () => {
  const { local, handle, pass, said } = await half()
  await handle(paid(local))
  pass(TARGET_LIMIT_MS - 1)
  await handle(LISTING)
  expect(said(NEVER_CAME)).toEqual([])
  pass(1)
  await handle(LISTING)
  expect(said(NEVER_CAME)).toHaveLength(1)
  pass(TARGET_LIMIT_MS)
  await handle(LISTING)
  expect(said(NEVER_CAME)).toHaveLength(1)
})

test('one that is paid upfront says so as well', async () => {
  const { local, handle, pass, said } = await half({ flow: 'upfront' })
  await handle(paid(local))
  pass(TARGET_LIMIT_MS)
  await handle(LISTING)
  expect(said(NEVER_CAME)).toHaveLength(1)
})

const CONTEXT = { clientContext: { custom: { REQUEST_ID: 'request-1' } } } as unknown as Context

/** A paid request to an HTTP target. */
function httpRequest(local: Local) {
  const headers = { 'payment-signature': local.accessToken() }
  return { http: { gatewayRequest: { path: '/forecast', httpMethod: 'GET', headers } } }
}

test('so does one before HTTP targets', async () => {
  const { local, handle, pass, said } = await half({ store: handoffStore() })
  await handle(httpRequest(local), CONTEXT)
  pass(TARGET_LIMIT_MS)
  await handle(LISTING)
  expect(said(NEVER_CAME)).toMatchObject([{ level: 'error' }])
})

test.each(IDS)(
  'nothing is said where responses come in time, of calls with %s',
  async (_, idOf) => {
    const { local, handle, pass, said } = await half()
    for (let i = 0; i < 5; i++) {
      const target = async (request: Parameters<typeof hello>[0]) => {
        pass(TARGET_LIMIT_MS - 1)
        return hello(request)
      }
      await bothPhases(handle, paid(local, idOf(i)), target)
    }
    pass(TARGET_LIMIT_MS)
    await handle(LISTING)
    expect(said(NEVER_CAME)).toEqual([])
    expect(local.balance()).toBe(95n)
  },
)

test('nor of an HTTP target that answered in time', async () => {
  const { local, handle, pass, said } = await half({ store: handoffStore() })
  await handle(httpRequest(local), CONTEXT)
  const body = Buffer.from('gold').toString('base64')
  const gatewayResponse = { statusCode: 200, headers: null, body }
  await handle({ http: { gatewayRequest: null, gatewayResponse } }, CONTEXT)
  pass(TARGET_LIMIT_MS)
  await handle(LISTING)
  expect([said(NEVER_CAME), local.balance()]).toEqual([[], 99n])
})

const NOT_SOLD: [string, (local: Local) => Fields][] = [
  ['a method that is not sold', () => LISTING],
  ['a tool that is free', () => eventOf(toolCall('T___free'))],
  ['a tool that costs nothing today', () => eventOf(toolCall('T___today'))],
  ['a call without payment', () => eventOf(toolCall(TOOL))],
  [
    'a payment that is refused',
    () => eventOf(toolCall(TOOL), { 'payment-signature': 'bm90IGEgdG9rZW4=' }),
  ],
  ['a tool that does not exist', () => eventOf(toolCall('T___none'))],
]

test.each(NOT_SOLD)('nor of %s', async (_, eventFor) => {
  const local = await stack()
  const tools = {
    hello: { planId: local.planId },
    free: 'free',
    today: { planId: local.planId, credits: () => 0 },
  }
  let time = Date.now()
  const logger = recordingLogger()
  const handle = intercept(local, { tools, logger, now: () => time })
  await handle(eventFor(local))
  time += TARGET_LIMIT_MS
  await handle(eventFor(local))
  expect(logger.lines.filter(({ message }) => NEVER_CAME.test(message))).toEqual([])
})

/** What the Gateway hands over at RESPONSE, for a call that no REQUEST phase has seen. */
function response(local: Local, id = 1): Fields {
  const { mcp, ...event } = paid(local, id)
  const result = { content: [{ type: 'text', text: 'Hello!' }] }
  const gatewayResponse = { statusCode: 200, headers: {}, body: { jsonrpc: '2.0', id, result } }
  return { ...event, mcp: { ...(mcp as Fields), gatewayResponse } }
}

test('requiresPayment at RESPONSE says once that it settles nothing there', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const handler = sell(local, undefined, { logger })
  for (const id of [1, 2, 3]) await handler(response(local, id))
  expect(logger.lines).toEqual([
    { level: 'warn', message: expect.stringMatching(AT_RESPONSE), details: {} },
  ])
  expect(local.balance()).toBe(100n)
})

test('each decorated handler says so for itself', async () => {
  const local = await stack()
  const logger = recordingLogger()
  for (const handler of [sell(local, undefined, { logger }), sell(local, undefined, { logger })]) {
    await handler(response(local))
    await handler(response(local))
  }
  expect(logger.lines.map(({ level }) => level)).toEqual(['warn', 'warn'])
})

test('requiresPayment at REQUEST says nothing of the kind', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const handler = sell(local, undefined, { logger })
  await handler(paid(local))
  expect(logger.lines).toEqual([])
  expect(local.balance()).toBe(99n)
})

test("an interceptor of flow 'upfront' at RESPONSE only says so once", async () => {
  const { local, handle, said } = await half({ flow: 'upfront' })
  for (const id of [1, 2, 3]) await handle(response(local, id))
  expect(said(NO_REQUEST)).toEqual([
    {
      level: 'warn',
      message: expect.stringContaining('attach it at REQUEST too'),
      details: { tool: TOOL },
    },
  ])
  expect(local.balance()).toBe(100n)
})

test('at both points it says nothing', async () => {
  const { local, handle, pass, said } = await half({ flow: 'upfront' })
  await bothPhases(handle, paid(local))
  await bothPhases(handle, eventOf(toolCall(TOOL)))
  pass(TARGET_LIMIT_MS)
  await handle(LISTING)
  expect([said(NO_REQUEST), said(NEVER_CAME), local.balance()]).toEqual([[], [], 99n])
})

test('one that is paid afterwards settles at RESPONSE alone, and has nothing to say', async () => {
  const { local, handle, said } = await half()
  await handle(response(local))
  expect([said(NO_REQUEST), said(NEVER_CAME), local.balance()]).toEqual([[], [], 99n])
})
