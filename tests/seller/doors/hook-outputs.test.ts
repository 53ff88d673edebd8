import { expect, test } from '@jest/globals'
import { createInterceptor, type Logger, type RequiresPaymentOptions } from '../../../src/index.js'
import {
  DOORS,
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  LAMBDA_TARGETS,
  REST_API,
  type Door,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { hello, recordingLogger, sell, silent, stack, toolCall } from '../../support/seller.js'
import { interceptorOptions } from '../phases/support/phases.js'

type Hook = NonNullable<RequiresPaymentOptions['onPaymentError']>

const [TARGET] = LAMBDA_TARGETS as [Door]
const body = { jsonrpc: '2.0', id: 'mine', result: { content: [] } }

/** What the caller of an unpaid call gets where the seller's hook gives this. */
async function unpaid(door: Door, given: unknown, logger: Logger = silent): Promise<unknown> {
  const handler = await wrapped(door, given, logger)
  const sent = { body: toolCall(TOOL) }
  return handler(door.event(sent), door.context(sent))
}

async function wrapped(door: Door, given: unknown, logger: Logger) {
  const onPaymentError: Hook = () => given as ReturnType<Hook>
  return sell(await stack(), hello, { ...door.options, logger, onPaymentError })
}

/** The same through an interceptor, which answers in its request phase. */
async function unpaidBefore(door: Door, given: unknown, logger: Logger = silent) {
  const onPaymentError: Hook = () => given as ReturnType<Hook>
  const options = interceptorOptions(await stack(), { ...door.options, logger, onPaymentError })
  const sent = { body: toolCall(TOOL) }
  return createInterceptor(options).handle(door.event(sent), door.context(sent))
}

const OUTPUTS: { name: string; door: Door; given: Record<string, unknown> }[] = [
  GATEWAY,
  GATEWAY_HTTP,
].map((door) => {
  const key = door === GATEWAY ? 'mcp' : 'http'
  const response = { statusCode: 418, body: door === GATEWAY ? body : 'bWluZQ==' }
  return { name: door.name, door, given: { [key]: { transformedGatewayResponse: response } } }
})

test.each(OUTPUTS)('an output of a hook goes out whole through $name', async ({ door, given }) => {
  const output = await unpaid(door, given)
  expect(output).toMatchObject({ ...given, interceptorOutputVersion: '1.0' })
  expect(JSON.stringify(output)).toContain('"headers":{"payment-required":"')
})

test.each([FUNCTION_URL, REST_API].map((door) => ({ door, name: door.name })))(
  'an HTTP response of a hook goes out whole through $name',
  async ({ door }) => {
    const given = { statusCode: 418, body: 'mine', cookies: ['a=b'] }
    const { headers, ...output } = (await unpaid(door, given)) as Record<string, unknown>
    expect(output).toEqual(given)
    expect(headers).toEqual({ 'payment-required': expect.any(String) })
  },
)

test.each(HTTP_EVENTS.map((door) => ({ door, name: door.name })))(
  'a page of a hook keeps what is to be paid in its header through $name, and nothing that is free does',
  async ({ door }) => {
    const page = { body: '"pay here"', isBase64Encoded: false }
    const asked = async (answer: object) => door.said(await unpaid(door, { ...page, ...answer }))
    for (const statusCode of [402, 403, 503]) {
      const { status, headers, message } = await asked({ statusCode, headers: { 'X-Own': 'yes' } })
      expect([status, message, headers['x-own']]).toEqual([statusCode, 'pay here', 'yes'])
      expect(headers['payment-required']).toBeDefined()
    }
    const free = await asked({ statusCode: 200, headers: { 'content-type': 'text/html' } })
    expect(free.headers).toEqual({ 'content-type': 'text/html' })
    const own = { 'Payment-Required': 'mine' }
    const kept = await asked({ statusCode: 402, headers: own })
    expect(kept.headers['payment-required']).toBe('mine')
  },
)

test('a result of a hook goes out whole from a Lambda target', async () => {
  const given = { isError: true, content: [{ type: 'text', text: 'mine' }] }
  expect(await unpaid(TARGET, given)).toEqual(given)
})

test.each(
  [GATEWAY, GATEWAY_HTTP, FUNCTION_URL, REST_API].map((door) => ({ door, name: door.name })),
)('what is no output there is not sent through $name, and the challenge is', async ({ door }) => {
  const others = [GATEWAY, GATEWAY_HTTP, FUNCTION_URL].filter((other) => other !== door)
  const odd: unknown[] = [undefined, null, 'text', 7, [], {}, { mcp: null }, { http: 'x' }]
  odd.push({ mcp: {} }, { http: {} }, { jsonrpc: '2.0' }, { isError: 'yes' })
  if (others.includes(GATEWAY_HTTP)) odd.push({ http: { transformedGatewayResponse: {} } })
  if (door === GATEWAY || door === GATEWAY_HTTP) odd.push({ statusCode: 200, body: 'mine' })
  for (const given of odd) {
    const { message } = door.said(await unpaid(door, given))
    expect(message).toMatchObject({ id: 1, result: { structuredContent: { accepts: [{}] } } })
  }
})

test.each([null, 'text', 7, [], {}])('a Lambda target sends no %j for a hook', async (given) => {
  expect(await unpaid(TARGET, given)).toMatchObject({ structuredContent: { accepts: [{}] } })
})

const CONTENT = [{ type: 'text', text: 'Not today' }]
const REFUSAL = { isError: true, content: CONTENT }
const IN_PYTHON: Record<string, unknown> = {
  'a result': REFUSAL,
  'a message': { jsonrpc: '2.0', id: 'another', result: REFUSAL },
  'an output': {
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayResponse: {
        statusCode: 200,
        headers: { 'Content-Type': 'application/json' },
        body: { jsonrpc: '2.0', id: 1, result: REFUSAL },
      },
    },
  },
  'an output without version and headers': {
    mcp: { transformedGatewayResponse: { body: { jsonrpc: '2.0', id: 1, result: REFUSAL } } },
  },
}
const FORMS = Object.entries(IN_PYTHON)

test.each(FORMS)('%s of a hook goes out in every shape', async (_, given) => {
  for (const door of DOORS) {
    const logger = recordingLogger()
    const { message, status } = door.said(await unpaid(door, given, logger))
    expect(message).toMatchObject({ result: REFUSAL })
    if (door.statuses === 'real') expect(status).toBe(402)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([])
  }
})

test.each(FORMS)('%s of a hook goes out through an interceptor', async (_, given) => {
  for (const door of [GATEWAY, GATEWAY_HTTP]) {
    const { message } = door.said(await unpaidBefore(door, given))
    expect(message).toMatchObject({ jsonrpc: '2.0', id: 1, result: REFUSAL })
  }
})

test('an error of a hook goes out under the id of the call', async () => {
  const error = { code: -32_000, message: 'Not today' }
  for (const door of [GATEWAY, GATEWAY_HTTP, FUNCTION_URL, REST_API]) {
    const { message } = door.said(await unpaid(door, { jsonrpc: '2.0', id: 'another', error }))
    expect(message).toEqual({ jsonrpc: '2.0', id: 1, error })
  }
})

test('a status that a hook states is sent', async () => {
  const response = { statusCode: 418, body: { jsonrpc: '2.0', id: 1, result: REFUSAL } }
  const given = { mcp: { transformedGatewayResponse: response } }
  expect(FUNCTION_URL.said(await unpaid(FUNCTION_URL, given)).status).toBe(418)
})

const ODD = ['Not today', 402, [], {}, true, { statusCode: 'x' }, { mcp: {} }]

test.each(ODD)('a hook that returns %j is warned of once', async (given) => {
  for (const door of [GATEWAY, GATEWAY_HTTP, FUNCTION_URL, REST_API]) {
    const logger = recordingLogger()
    const handler = await wrapped(door, given, logger)
    const sent = { body: toolCall(TOOL) }
    await handler(door.event(sent), door.context(sent))
    await handler(door.event(sent), door.context(sent))
    const warnings = logger.lines.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([{ details: { code: 'payment_required', tool: TOOL } }])
    expect(warnings[0]?.message).toMatch(/^onPaymentError returned something that cannot be sent/)
  }
})

test.each(ODD)('an interceptor whose hook returns %j is warned of, too', async (given) => {
  for (const door of [GATEWAY, GATEWAY_HTTP]) {
    const logger = recordingLogger()
    const { message } = door.said(await unpaidBefore(door, given, logger))
    expect(message).toMatchObject({ result: { structuredContent: { accepts: [{}] } } })
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  }
})

test.each([undefined, null])('%s of a hook is no mistake', async (given) => {
  const logger = recordingLogger()
  await unpaid(GATEWAY, given, logger)
  expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([])
})

test('to callers of plain HTTP, words of MCP are not sent', async () => {
  const logger = recordingLogger()
  const onPaymentError: Hook = () => REFUSAL
  const options = { httpEvents: 'http', logger, onPaymentError } as const
  const handler = sell(await stack(), hello, options)
  const sent = { body: {} }
  const output = await handler(FUNCTION_URL.event(sent), FUNCTION_URL.context(sent))
  expect(FUNCTION_URL.said(output)).toMatchObject({ status: 402, message: { accepts: [{}] } })
  expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
})

test('an answer for a result that is delivered all the same is warned of', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const handler = sell(local, hello, {
    logger,
    onSettlementRefused: 'deliver',
    onPaymentError: () => REFUSAL,
  })
  local.faults.set({ route: 'settle', kind: 'refuse' })
  expect(JSON.stringify(await handler(local.paidEvent(TOOL)))).toContain('Hello!')
  expect(logger.lines.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^onPaymentError returned an answer that is not used/),
  )
})
