import { expect, test } from '@jest/globals'
import * as z from 'zod'
import {
  requiresPayment,
  type GatewayEvent,
  type InterceptorOutput,
  type Validate,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { functionUrl } from '../../local/support/function-url.js'
import { DOORS as PHASED, TOOL, visitAll, type Visit } from '../../support/doors.js'
import { given, sold, testCases, unavailable } from '../../support/door-cases.js'
import { DOORS, MCP_ACCEPT } from '../../support/events.js'
import {
  allTextOf,
  recordingLogger,
  responseOf,
  sell,
  stack,
  toolCall,
} from '../../support/seller.js'
import { bothHttpPhases, memoryStore } from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'
import { inCents } from '../money/support/money.js'

const REFUSED = 'The input of this call was refused, and this call charged nothing'

const argumentsOf = ({ mcp }: GatewayEvent): Record<string, unknown> =>
  mcp.gatewayRequest.body.params.arguments

const cityIsText: Validate = (event) =>
  typeof argumentsOf(event)['city'] === 'string' ? undefined : 'city must be a text'

function throwing(thrown: unknown): Validate {
  return () => {
    throw thrown
  }
}

const schema = z.object({ city: z.string(), days: z.array(z.number()).optional() })

/** What reached the stack's facilitator or its plans. */
const outside = ({ local }: Visit): unknown[] => local.calls.map(({ route }) => route)

test.each<[string, Validate, string]>([
  ['returns a text', cityIsText, `${REFUSED}: city must be a text`],
  [
    'returns a text later',
    async (event) => cityIsText(event, undefined),
    `${REFUSED}: city must be a text`,
  ],
  ['returns false', () => false, `${REFUSED}.`],
  ['returns an error', () => new Error('no such city'), `${REFUSED}: no such city`],
  ['throws an error', throwing(new Error('no such city')), `${REFUSED}: no such city`],
  ['throws a TypeError', throwing(new TypeError('city?')), `${REFUSED}: city?`],
  ['throws a text', throwing('no such city'), `${REFUSED}: no such city`],
  ['throws nothing', throwing(undefined), `${REFUSED}.`],
  ['rejects', () => Promise.reject(new Error('no such city')), `${REFUSED}: no such city`],
  [
    'throws what a schema found',
    (event) => schema.parse(argumentsOf(event)),
    `${REFUSED}: city: Invalid input: expected string, received undefined`,
  ],
  [
    'returns what a schema found',
    () => schema.safeParse({ city: 'Rome', days: [1, 'two'] }),
    `${REFUSED}: days.1: Invalid input: expected number, received string`,
  ],
  [
    'returns the issues of a standard schema',
    () => ({ issues: [{ message: 'too cold', path: [{ key: 'city' }] }, { message: 'too far' }] }),
    `${REFUSED}: city: too cold; too far`,
  ],
  ['fails an assertion of Node', throwing(assertion()), `${REFUSED}: city is required`],
])('what validate refuses is bad input to every door: it %s', async (_, validate, text) => {
  const visits = await visitAll({ options: { validate } })
  expect(visits.map(({ output }) => responseOf(output))).toEqual(
    PHASED.map(() => ({
      statusCode: 200,
      headers: expect.not.objectContaining({ 'payment-required': expect.anything() }),
      body: { jsonrpc: '2.0', id: 1, result: { isError: true, content: [{ type: 'text', text }] } },
    })),
  )
  expect(visits.flatMap(({ ran }) => ran)).toEqual([])
  // The facilitator is not asked, and plans are not looked up.
  expect(visits.flatMap(outside)).toEqual([])
})

function assertion(): Error {
  return Object.assign(new Error('city is required'), { code: 'ERR_ASSERTION' })
}

const paidWith = (args: Record<string, unknown>) => ({
  event: (local: Local) => local.paidEvent(TOOL, args),
})

testCases([
  {
    name: 'good input is sold',
    options: { validate: cityIsText },
    ...paidWith({ city: 'Rome' }),
    expected: sold(),
  },
  {
    name: 'what a schema made of good input is no refusal',
    options: { validate: (e: GatewayEvent) => schema.parse(argumentsOf(e)) },
    ...paidWith({ city: 'Rome' }),
    expected: sold(),
  },
  { name: 'true is good', options: { validate: () => true }, expected: sold() },
  {
    name: 'no fault in a list of none is good',
    options: { validate: () => ({ issues: [] }) },
    expected: sold(),
  },
  { name: 'an empty text is good', options: { validate: () => '' }, expected: sold() },
  {
    name: 'bad input without a payment is bad input, and no challenge',
    options: { validate: cityIsText },
    event: (local) => local.paidEvent(TOOL, {}, null),
    expected: unavailable(),
  },
  {
    name: 'good input without a payment costs nothing where the price is 0',
    options: { validate: cityIsText, credits: 0 },
    event: (local) => local.paidEvent(TOOL, { city: 'Rome' }, null),
    expected: given(),
  },
  {
    name: 'bad input is refused where the price is 0',
    options: { validate: cityIsText, credits: 0 },
    event: (local) => local.paidEvent(TOOL, {}, null),
    expected: unavailable(),
  },
  {
    name: 'bad input of a free tool is refused',
    options: (local) => ({ planId: local.planId, validate: cityIsText, tools: { [TOOL]: 'free' } }),
    event: (local) => local.paidEvent(TOOL, {}, null),
    expected: unavailable(),
  },
  {
    name: 'bad input is refused before a price is computed that would not take it',
    options: { validate: cityIsText, credits: throwing(new Error('hunter2')) },
    expected: unavailable(),
  },
  {
    name: 'a tool has a check of its own',
    options: (local) => ({
      planId: local.planId,
      validate: () => 'of every tool',
      tools: { [TOOL]: { validate: () => undefined } },
    }),
    expected: sold(),
  },
  {
    name: 'bad input of a failed call is not charged where failures are',
    options: { validate: () => false, chargeOnError: true },
    expected: unavailable(),
  },
])

test('the check of a tool is asked about that tool alone, and sees no payment', async () => {
  const asked: unknown[] = []
  const validate: Validate = (event) => void asked.push(event)
  const visits = await visitAll({
    options: (local) => ({
      planId: local.planId,
      tools: { hello: { validate }, other: { validate: () => 'never' } },
    }),
  })
  expect(visits.map(({ ran }) => ran.length)).toEqual(PHASED.map(() => 1))
  expect(asked).toHaveLength(PHASED.length)
  expect(JSON.stringify(asked)).not.toMatch(/x402|payment/i)
})

test.each<[string, Error, RegExp]>([
  ['a database that cannot be reached', systemError('ECONNREFUSED'), /10\.0\.0\.3/],
  [
    'a fetch that failed',
    new TypeError('fetch failed', { cause: systemError('ENOTFOUND') }),
    /10\.0/,
  ],
  ['AWS', Object.assign(new Error('AccessDenied at 10.0.0.3'), { $metadata: {} }), /10\.0\.0\.3/],
])('a check that fails with %s is no fault of the caller', async (_, thrown, secret) => {
  const { lines, ...log } = recordingLogger()
  const options = { validate: throwing(thrown), logger: log }
  const visits = await visitAll({ options })
  expect(visits.map(({ output }) => allTextOf(output))).toEqual(
    PHASED.map(() =>
      expect.stringMatching(/cannot check the input .* right now.* charged nothing/),
    ),
  )
  expect(visits.map(({ output }) => responseOf(output).headers['Retry-After'])).toEqual(
    PHASED.map(() => '1'),
  )
  expect(JSON.stringify(visits.map(({ output }) => output))).not.toMatch(secret)
  expect(visits.flatMap(outside)).toEqual([])
  expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual(
    PHASED.map(() => 'validate failed'),
  )
})

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.0.0.3:5432`), { code })
}

test('a text of any length is told within 1 000 characters', async () => {
  const [visit] = await visitAll({ options: { validate: () => 'x'.repeat(100_000) } })
  expect(allTextOf(visit?.output as InterceptorOutput)).toHaveLength(`${REFUSED}: `.length + 1_001)
})

test.each(DOORS)('bad input over $name: 400 for those who look at the status', async (door) => {
  const local = await stack()
  const handler = sell(local, undefined, { validate: () => 'no such city', ...door.options })
  for (const accept of ['application/json', MCP_ACCEPT]) {
    const sent = { body: toolCall(TOOL), accept }
    const { status, headers, message } = door.said(
      await handler(door.event(sent), door.context(sent)),
    )
    const isPlain = door.statuses === 'real' && accept !== MCP_ACCEPT
    expect(status).toBe(door.statuses === 'none' ? undefined : isPlain ? 400 : 200)
    expect(headers).not.toHaveProperty('payment-required')
    expect(JSON.stringify(message)).toContain(`${REFUSED}: no such city`)
    expect(JSON.stringify(message)).not.toContain('accepts')
  }
  expect(local.calls).toEqual([])
})

test('bad input of a plain HTTP request is answered with 400 before anybody asks for money', async () => {
  const local = await stack()
  const handler = requiresPayment(() => ({ statusCode: 200, body: 'sunny' }), {
    ...inCents(local),
    httpEvents: 'http',
    tools: {
      'GET /weather': {
        validate: (event) => {
          const { rawQueryString } = event as unknown as { rawQueryString: string }
          return rawQueryString.includes('city=') || 'city is required'
        },
      },
    },
  })
  const at = await functionUrl(handler)
  try {
    const bad = await fetch(`${at.url}weather?town=Rome`)
    expect([bad.status, bad.headers.get('payment-required')]).toEqual([400, null])
    expect(await bad.json()).toEqual({ error: `${REFUSED}: city is required` })
    const good = await fetch(`${at.url}weather?city=Rome`)
    expect(good.status).toBe(402)
  } finally {
    await at.close()
  }
})

test('an interceptor before an HTTP target refuses bad input at REQUEST', async () => {
  const local = await stack()
  const handle = intercept(local, { store: memoryStore(), validate: () => 'no such city' })
  const request = { method: 'GET', path: '/weather', token: local.accessToken() }
  const { got, forwarded } = await bothHttpPhases(handle, request)
  expect([got.status, forwarded]).toEqual([400, undefined])
  expect(JSON.parse(got.body.toString())).toEqual({ error: `${REFUSED}: no such city` })
  expect(local.calls).toEqual([])
})

test('errors that name each other as their cause are read to an end', async () => {
  const thrown = new Error('no such city')
  thrown.cause = new Error('nor this', { cause: thrown })
  const [visit] = await visitAll({ options: { validate: throwing(thrown) } })
  expect(allTextOf(visit?.output as InterceptorOutput)).toBe(`${REFUSED}: no such city`)
})

test('what is no function is refused when the wrapper is made', async () => {
  const local = await stack()
  expect(() => sell(local, undefined, { validate: 'yes' as never })).toThrow(
    /validate: expected a function/,
  )
  const tools = { hello: { validate: 1 as never } }
  expect(() => sell(local, undefined, { planId: local.planId, tools })).toThrow(
    /tools\.hello\.validate: expected a function/,
  )
})
