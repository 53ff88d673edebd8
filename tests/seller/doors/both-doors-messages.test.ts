import { expect, jest, test } from '@jest/globals'
import type { InterceptorOutput, PaymentError } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import {
  DOORS,
  GREETING,
  SECRETLESS,
  TOOL,
  content,
  rawEvent,
  visit,
  visitAll,
  type Door,
} from '../../support/doors.js'
import {
  challenged,
  given,
  rpcFailed,
  sold,
  testCases,
  unavailable,
  type Case,
} from '../../support/door-cases.js'
import { amounts } from '../../support/recorded.js'
import {
  challengeOf,
  receiptOf,
  recordingLogger,
  responseOf,
  toolCall,
} from '../../support/seller.js'

type Fields = Record<string, unknown>

const doors = DOORS.map((door): [string, Door] => [door.name, door])
const message = (method: string, more: Fields = {}) => ({ jsonrpc: '2.0', id: 3, method, ...more })
const paid = (body: unknown) => (local: Local) =>
  rawEvent(body, { 'payment-signature': local.accessToken() })

const IDS = [0, '', 'abc', 7, null, -1, 1.5, '7', Number.MAX_SAFE_INTEGER]
test.each(IDS)('the id %p comes back as it was, whatever the answer', async (id) => {
  const fault = { route: 'settle', kind: 'refuse' } as const
  const scenes = [
    { event: paid(toolCall(TOOL, {}, { id })) },
    { event: () => rawEvent(toolCall(TOOL, {}, { id })) },
    { event: paid(toolCall(TOOL, {}, { id })), before: (it: Local) => void it.faults.set(fault) },
    { event: paid(toolCall(TOOL, {}, { id })), answer: { content, isError: true } },
    { event: paid(message('tools/call', { id, params: {} })) },
  ]
  const visits = (await Promise.all(scenes.map((scene) => visitAll(scene)))).flat()
  const ids = visits.map(({ output }) => responseOf(output).body.id)
  expect(ids).toEqual(visits.map(() => id))
})

test.each(doors)(
  'a tool call without id is neither run nor forwarded nor sold (%s)',
  async (_, door) => {
    const { id, ...notification } = toolCall(TOOL)
    const { local, ran, output, forwarded } = await visit(door, { event: paid(notification) })
    expect(output.mcp).toEqual({ transformedGatewayResponse: { statusCode: 202 } })
    expect([id, ran, forwarded, local.calls]).toEqual([1, [], undefined, []])
  },
)

const FREE = ['initialize', 'ping', 'server/discover', 'tools/list', 'resources/read', 'own/method']
testCases([
  ...FREE.map(
    (method): Case => ({
      name: `${method} goes on to the target and costs nothing`,
      event: paid(message(method)),
      expected: given(),
    }),
  ),
  {
    name: 'a notification goes on to the target and costs nothing',
    event: paid({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    expected: given(),
  },
  {
    name: 'a client’s answer to its server goes on to the target',
    event: paid({ jsonrpc: '2.0', id: 'elicit-1', result: { action: 'accept' } }),
    expected: given(),
  },
  ...[[], [toolCall(TOOL)], 'text', 7, null, {}, { jsonrpc: '2.0', id: 1 }].map(
    (body): Case => ({
      name: `a body that is ${JSON.stringify(body).slice(0, 40)} is no call`,
      event: paid(body),
      expected: rpcFailed(-32600),
    }),
  ),
  ...[{}, [], { id: 3 }].map(
    (id): Case => ({
      name: `an id that is ${JSON.stringify(id)} is none`,
      event: paid(toolCall(TOOL, {}, { id })),
      expected: rpcFailed(-32600),
    }),
  ),
  ...[undefined, {}, { name: '' }, { name: 7 }, { name: TOOL, arguments: [1] }].map(
    (params): Case => ({
      name: `a tool call with ${JSON.stringify({ params })} is none`,
      event: paid(message('tools/call', { params })),
      expected: rpcFailed(-32602),
    }),
  ),
  {
    name: 'a tool call without arguments is sold',
    event: paid(message('tools/call', { params: { name: TOOL } })),
    expected: sold(),
  },
])

const reading = message('resources/read', { params: { uri: 'file:///a' } })
const billable = { billableMethods: ['resources/read'] }
testCases([
  {
    name: 'a method that costs is sold',
    options: billable,
    event: paid(reading),
    expected: sold(),
  },
  {
    name: 'a method that costs is refused without payment',
    options: billable,
    event: () => rawEvent(reading),
    expected: { ...challenged(), error: 402 },
  },
  {
    name: 'tool calls cost nothing where only other methods do',
    options: billable,
    expected: given(),
  },
  {
    name: 'a method that costs and no default plan sells is unknown',
    options: { ...billable, tools: { hello: 'free' } },
    event: paid(reading),
    expected: rpcFailed(-32602),
  },
  {
    name: 'several methods may cost',
    options: { billableMethods: ['tools/call', 'resources/read'] },
    expected: sold(),
  },
])

const fail = (): never => {
  throw new Error('hunter2')
}
const failLater = () => Promise.reject(new Error('hunter2'))
testCases(
  [fail, failLater].flatMap((thrower): Case[] => [
    {
      name: `an onBeforeVerify that ${thrower === fail ? 'throws' : 'rejects'} refuses the call`,
      options: { onBeforeVerify: thrower },
      expected: unavailable(),
    },
    {
      name: `an onAfterVerify that ${thrower === fail ? 'throws' : 'rejects'} refuses the call`,
      options: { onAfterVerify: thrower },
      expected: unavailable(['1']),
    },
    {
      name: `an onAfterSettle that ${thrower === fail ? 'throws' : 'rejects'} costs nobody anything`,
      options: { onAfterSettle: thrower },
      expected: sold(),
    },
    {
      name: `an onPaymentError that ${thrower === fail ? 'throws' : 'rejects'} leaves the default answer`,
      event: (local) => local.paidEvent(TOOL, {}, null),
      options: { onPaymentError: thrower },
      expected: challenged(),
    },
  ]),
)

test.each(doors)('hooks see terms, verification and settlement, in order (%s)', async (_, door) => {
  const seen: [string, unknown][] = []
  const note = (name: string) => async (about: unknown) => {
    await Promise.resolve()
    seen.push([name, about])
  }
  const names = ['onBeforeVerify', 'onAfterVerify', 'onAfterSettle', 'onPaymentError']
  const hooks = Object.fromEntries(names.map((name) => [name, note(name)]))
  const { local } = await visit(door, { options: hooks })
  const verified = [
    ['onBeforeVerify', expect.objectContaining({ x402Version: 2 })],
    ['onAfterVerify', expect.objectContaining({ isValid: true, payer: local.subscriberAddress })],
  ]
  // A response phase that is told nothing verifies again, and says so.
  expect(seen).toEqual([...verified, ...(door.told ? [] : verified), ['onAfterSettle', 1n]])
})

const OWN: InterceptorOutput = {
  interceptorOutputVersion: '1.0',
  mcp: { transformedGatewayResponse: { statusCode: 418, headers: {}, body: { own: true } } },
}
const FAULTS: [string, string, (local: Local) => void, string | null][] = [
  ['a missing payment', 'payment_required', () => undefined, null],
  ['a malformed payment', 'payment_malformed', () => undefined, 'a'.repeat(65_537)],
  ['a forged payment', 'verification_refused', () => undefined, 'forged'],
  ['an outage', 'facilitator_unavailable', (it) => set(it, 'verify'), ''],
  ['a failed look-up', 'plan_unavailable', (it) => set(it, 'plan'), ''],
  ['an unknown settlement', 'settlement_unknown', (it) => set(it, 'settle'), ''],
]
const set = ({ faults }: Local, route: 'verify' | 'plan' | 'settle') =>
  void faults.set({ route, kind: 'html', times: 9 })

test.each(
  FAULTS.flatMap(([name, code, before, token]) =>
    DOORS.map((door) => ({ name, code, before, token, door, title: door.name })),
  ),
)('onPaymentError may answer $name itself ($title)', async ({ code, before, token, door }) => {
  const errors: PaymentError[] = []
  const onPaymentError = async (error: PaymentError) => {
    errors.push(error)
    return OWN
  }
  const { local, output } = await visit(door, {
    before,
    options: { onPaymentError },
    event: (it) => it.paidEvent(TOOL, {}, token === '' ? it.accessToken() : token),
  })
  expect(output).toMatchObject(OWN)
  expect(errors.map((error) => error.code)).toEqual([code])
  expect(local.balance()).toBe(100n)
})

test.each(doors)('every failure is logged once by its code (%s)', async (_, door) => {
  for (const [, code, before, token] of FAULTS) {
    const logger = recordingLogger()
    await visit(door, {
      before,
      options: { logger },
      event: (it) => it.paidEvent(TOOL, {}, token === '' ? it.accessToken() : token),
    })
    // A mistake behind the failure is said in a line of its own.
    const all = logger.lines.filter(({ message }) => !message.includes('. Expected '))
    // The wrapper says once that it was attached at RESPONSE too, where it does nothing.
    const lines = all.filter(({ message }) => !/RESPONSE phase, and passed/.test(message))
    expect(lines).toMatchObject([{ details: { code, tool: TOOL } }])
    expect(all.length - lines.length).toBe(door.pair ? 0 : 1)
  }
})

const PAYMENT = /payment|eyJ/

test.each(doors)('a payment reaches neither handler nor target (%s)', async (_, door) => {
  const events = [
    paid(toolCall(TOOL)),
    paid(message('tools/list')),
    (local: Local) => rawEvent(toolCall(TOOL, { headers: { 'x-payment': local.accessToken() } })),
  ]
  for (const event of events) {
    for (const options of [{}, { tools: { hello: 'free' } }, { credits: 0 }]) {
      const { ran, forwarded } = await visit(door, { event, options })
      expect(ran).toHaveLength(1)
      const { mcp = {}, ...request } = ran[0] as Fields & { mcp?: Fields }
      expect(JSON.stringify([mcp, request['body'], forwarded?.['body']])).not.toMatch(PAYMENT)
      // Without a secret the header is all that can take a payment to the response phase.
      if (door === SECRETLESS) continue
      const headers = { ...(request['headers'] as Fields), ...(forwarded?.['headers'] as Fields) }
      expect(JSON.stringify({ ...headers, 'x-agentcore-x402': '' })).not.toMatch(PAYMENT)
    }
  }
})

test.each(doors)('a result handed out to every buyer is not written to (%s)', async (_, door) => {
  const answer = structuredClone(GREETING)
  const { output } = await visit(door, { answer })
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(answer).toEqual(GREETING)
})

test.each(doors)(
  'one price is asked for at a time, with the event less its payment (%s)',
  async (_, door) => {
    const credits = jest.fn<(...args: unknown[]) => number>(() => 2)
    const { local } = await visit(door, { options: { credits } })
    expect(credits).toHaveBeenCalledTimes(door.told ? 1 : 2)
    expect(JSON.stringify(credits.mock.calls)).not.toMatch(/payment-signature|eyJ/)
    expect(amounts(local).settle).toEqual(['2'])
  },
)

test('a challenge says what is sold, alike through every door', async () => {
  const visits = await visitAll({
    event: (local) => local.paidEvent(TOOL, {}, null),
    options: { description: 'Greets', mimeType: 'text/plain', credits: 2, maxCredits: 4 },
  })
  for (const { local, output } of visits) {
    expect(challengeOf(output)).toEqual({
      x402Version: 2,
      error: 'payment required',
      resource: { url: `mcp://tool/${TOOL}`, description: 'Greets', mimeType: 'text/plain' },
      accepts: [
        {
          scheme: 'nvm:erc4337',
          network: 'eip155:84532',
          planId: local.planId,
          extra: { version: '1', httpVerb: 'POST' },
        },
      ],
      extensions: { 'agentcore-x402/credits': { info: { credits: '2', maxCredits: '4' } } },
    })
  }
})
