import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { InterceptorHandler, InterceptorOutput, WrappedHandler } from '../../../src/index.js'
import { environment } from '../../../src/local/environment.js'
import type { Local } from '../../../src/local/index.js'
import { bothPhases, result } from '../../seller/phases/support/phases.js'
import { amounts } from '../../support/recorded.js'
import {
  challengeHeaderOf,
  challengeOf,
  eventOf,
  receiptOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

/**
 * Every snippet of Nevermined's documentation of the AgentCore decorator, and of payments-py 1.15.1's docstrings of
 * the interceptor, in TypeScript. Each test asserts what its page promises.
 *
 * @see https://nevermined.ai/docs/integrate/add-to-your-agent/agentcore (as of 2026-08-19)
 * @see https://github.com/nevermined-io/payments-py/tree/main/payments_py/x402/agentcore (1.15.1)
 */

const before = { ...process.env }
let local: Local
let lines: string[]

beforeEach(async () => {
  local = await stack()
  lines = []
  jest.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)))
  Object.assign(process.env, environment(local), { NVM_AGENT_ID: 'agent-456' })
})
afterEach(() => {
  jest.restoreAllMocks()
  for (const name of Object.keys(process.env)) {
    if (!(name in before)) Reflect.deleteProperty(process.env, name)
  }
  Object.assign(process.env, before)
})

type Handlers = Record<string, WrappedHandler & InterceptorHandler>

let loads = 0

/** Loads a snippet anew, with the environment of this test. */
async function snippet(name: string): Promise<Handlers> {
  return (await import(`./snippets/${name}.js?load=${++loads}`)) as Handlers
}

async function exported(name: string, handler: string): Promise<WrappedHandler> {
  const found = (await snippet(name))[handler]
  if (found === undefined) throw new Error(`${name} exports no ${handler}`)
  return found
}

/** The event of the section "MCP Event Format". */
function documentedEvent(token: string | undefined, tool = 'TargetName___toolName') {
  return {
    mcp: {
      gatewayRequest: {
        httpMethod: 'POST',
        headers: {
          ...(token !== undefined && { 'payment-signature': token }),
          'Content-Type': 'application/json',
        },
        body: {
          jsonrpc: '2.0',
          id: 'req-1',
          method: 'tools/call',
          params: { name: tool, arguments: { patient_id: '123' } },
        },
      },
    },
  }
}

const forAgent = () => local.accessToken({ agentId: 'agent-456' })

test('the snippets compile as a user compiles them: with strict, against the built package', async () => {
  const tsc = 'node_modules/typescript/bin/tsc'
  const args = [tsc, '-p', 'tests/originals/nevermined']
  const compiled = await promisify(execFile)(process.execPath, args).catch(
    (error: unknown) => error,
  )
  expect((compiled as { stdout: string }).stdout).toBe('')
}, 60_000)

test('quick start: without a token the answer is PaymentRequired', async () => {
  const handler = await exported('quick-start', 'lambdaHandler')
  const output = await handler(documentedEvent(undefined))
  expect(challengeHeaderOf(output)).toMatchObject({
    x402Version: 2,
    resource: { url: 'https://gateway.bedrock-agentcore.amazonaws.com/mcp' },
    accepts: [{ planId: local.planId, extra: { agentId: 'agent-456' } }],
  })
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

test('quick start: a paid call is verified, run, settled and receipted', async () => {
  const handler = await exported('quick-start', 'lambdaHandler')
  const output = await handler(documentedEvent(forAgent()))
  expect(JSON.parse(textOf(output) ?? '')).toEqual({
    tool: 'TargetName___toolName',
    patient: '123',
  })
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
  expect(receiptOf(output)).toMatchObject({ success: true, creditsRedeemed: '1' })
  expect(responseOf(output).body).toMatchObject({
    id: 'req-1',
    result: { _meta: { x402: { success: true, transaction: expect.stringMatching(/^0x/) } } },
  })
  expect(local.balance()).toBe(99n)
})

test('quick start: other methods than tools/call cost nothing', async () => {
  const handler = await exported('quick-start', 'lambdaHandler')
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const output = await handler(eventOf(list))
  expect(output.mcp.transformedGatewayRequest?.body).toEqual(list)
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

test('quick start: a program without NVM_ENVIRONMENT falls back to the sandbox, and stays local', async () => {
  Reflect.deleteProperty(process.env, 'NVM_ENVIRONMENT')
  const handler = await exported('quick-start', 'lambdaHandler')
  expect(receiptOf(await handler(documentedEvent(forAgent())))).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test.each([
  ['bareResult', 'Hello!', 1n],
  ['creditsOverride', 'Expensive result', 5n],
  ['fullBody', 'Hello!', 1n],
  ['completeOutput', 'Hello!', 1n],
])('response format %s is enriched with receipt and _meta', async (name, text, credits) => {
  const handler = await exported('response-formats', name)
  const output = await handler(documentedEvent(local.accessToken()))
  expect(textOf(output)).toBe(text)
  expect(receiptOf(output)).toMatchObject({ success: true, creditsRedeemed: `${credits}` })
  expect(responseOf(output)).toMatchObject({
    statusCode: 200,
    body: {
      jsonrpc: '2.0',
      id: 'req-1',
      result: { _meta: { x402: { success: true, creditsRedeemed: `${credits}` } } },
    },
  })
  expect(local.balance()).toBe(100n - credits)
})

test('credits flow: verified is what is configured, settled what the handler says', async () => {
  const handler = await exported('response-formats', 'creditsOverride')
  await handler(documentedEvent(local.accessToken()))
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['5'] })
})

test.each(['basic', 'withAgentId', 'decorated'])('configuration: %s', async (name) => {
  const handler = await exported('configuration', name)
  expect(challengeOf(await handler(documentedEvent(undefined)))?.accepts).toHaveLength(1)
  const output = await handler(documentedEvent(forAgent()))
  expect(textOf(output)).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test('configuration: with an agent id a token for another agent does not pay', async () => {
  const handler = await exported('configuration', 'withAgentId')
  const output = await handler(documentedEvent(local.accessToken({ agentId: 'agent-789' })))
  expect(challengeOf(output)?.accepts[0]?.extra.agentId).toBe('agent-456')
  expect(local.balance()).toBe(100n)
})

test.each([
  [{ detailed: true }, 10n],
  [{}, 1n],
])('configuration: dynamic credits for %j are %s', async (args, credits) => {
  const handler = await exported('configuration', 'dynamicCredits')
  await handler(local.paidEvent('T___report', args))
  expect(local.balance()).toBe(100n - credits)
})

test.each([
  ['tokenHeader', 'X-Payment'],
  ['tokenHeader', 'x-payment'],
  ['tokenHeaders', 'X-Payment'],
  ['tokenHeaders', 'Authorization'],
])('configuration: %s takes a payment in %s', async (name, header) => {
  const handler = await exported('configuration', name)
  const output = await handler(eventOf(toolCall('T___a'), { [header]: local.accessToken() }))
  expect(textOf(output)).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test('hooks are called in order, with what the page reads of them', async () => {
  const handler = await exported('hooks', 'handler')
  const output = await handler(documentedEvent(local.accessToken()))
  expect(lines).toEqual([
    `Verifying payment for plan ${local.planId}`,
    `Verified! Payer: ${local.subscriberAddress}`,
    `Settled 1 credits, tx: ${String(receiptOf(output)?.['transaction'])}`,
  ])
})

test('hooks: null means the default 402', async () => {
  const handler = await exported('hooks', 'handler')
  expect(challengeOf(await handler(documentedEvent(undefined)))).toBeDefined()
})

test('hooks: a custom error response is sent', async () => {
  const handler = await exported('hooks', 'handlerWithResponse')
  const output = await handler(documentedEvent(undefined))
  expect(textOf(output)).toBe('Sorry: payment_required')
  expect(challengeOf(output)).toBeUndefined()
})

test('client: balance, token, call and receipt', async () => {
  local.sell({ handler: await exported('quick-start', 'lambdaHandler') })
  process.env['AGENT_ENDPOINT'] = `${local.url}/mcp`
  const client = (await import('./snippets/client.js')) as {
    answer: unknown
    receipt: Record<string, unknown>
    positional: () => Promise<{ left: string; token: string }>
  }
  expect(client.answer).toMatchObject({
    id: '1',
    result: { content: [{ text: '{"tool":"getPatient","patient":"123"}' }] },
  })
  expect(lines).toEqual([
    'Balance: 100 credits',
    'Credits redeemed: 1',
    `Transaction: ${String(client.receipt['transactionHash'])}`,
  ])
  expect(lines[2]).toMatch(/0x[0-9a-f]+$/)
  expect(local.balance()).toBe(99n)
  const { left, token } = await client.positional()
  expect(left).toBe('99')
  const handler = await exported('quick-start', 'lambdaHandler')
  expect(receiptOf(await handler(documentedEvent(token)))).toMatchObject({ success: true })
})

const INTERCEPTORS = ['recommended', 'oneLiner', 'directImport', 'directHandler', 'byClass']

test.each(INTERCEPTORS)('interceptor: %s verifies, forwards and settles', async (name) => {
  const handle = await exported('interceptor', name)
  const unpaid = await handle(local.paidEvent('T___hello', {}, null))
  expect(challengeOf(unpaid)?.accepts[0]?.planId).toBe(local.planId)
  const { output, forwarded } = await bothPhases(handle, local.paidEvent('T___hello'))
  expect(forwarded).toBeDefined()
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

async function chargedBy(name: string, tool: string, args = {}): Promise<bigint> {
  const handle = await exported('interceptor', name)
  const had = local.balance()
  await bothPhases(handle, local.paidEvent(tool, args))
  return had - local.balance()
}

test('interceptor: every tool has its own price', async () => {
  expect(await chargedBy('perTool', 'Healthcare___getPatient')).toBe(1n)
  expect(await chargedBy('perTool', 'Healthcare___bookAppointment')).toBe(5n)
})

test('interceptor: credits are computed from the request', async () => {
  expect(await chargedBy('dynamic', 'T___report', { detailed: true })).toBe(2n)
  expect(await chargedBy('dynamic', 'T___report')).toBe(1n)
})

test('interceptor: a hook hears of the settlement', async () => {
  await chargedBy('withHooks', 'T___hello')
  expect(lines).toEqual(['Settled 1 credits'])
})

test('interceptor: credits come from _meta.creditsToCharge of the target, up to what was verified', async () => {
  const handle = await exported('interceptor', 'dynamic')
  const target = result({ content: [], _meta: { creditsToCharge: 1 } })
  await bothPhases(handle, local.paidEvent('T___report', { detailed: true }), target)
  expect(amounts(local)).toEqual({ verify: ['2'], settle: ['1'] })
})

test('decorator or interceptor: the same answer without payment', async () => {
  const answers: (InterceptorOutput | undefined)[] = []
  for (const [file, name] of [
    ['configuration', 'basic'],
    ['interceptor', 'oneLiner'],
  ] as const) {
    const handler = await exported(file, name)
    answers.push(await handler(local.paidEvent('T___hello', {}, null)))
  }
  expect(answers[1]).toEqual(answers[0])
})
