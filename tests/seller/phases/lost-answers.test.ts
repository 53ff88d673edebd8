import { expect, test } from '@jest/globals'
import { createInterceptor } from '../../../src/index.js'
import { payingMcp, receiptOf } from '../../../src/client/index.js'
import type { Assumptions, GatewayOptions, Local } from '../../../src/local/index.js'
import { buyer } from '../../client/support/client.js'
import { call, post, started, tool } from '../../local/support/gateway.js'
import { singleUse } from '../../support/outcome.js'
import { stack } from '../../support/seller.js'
import { interceptorOptions, SHOWN } from './support/phases.js'

/** A shop whose Gateway loses what the REQUEST phase answers. */
async function shop(local: Local, assume: Partial<Assumptions>, options: object = {}) {
  const ran: unknown[] = []
  const { handle: lambda } = createInterceptor(interceptorOptions(local, options))
  const gateway: GatewayOptions = {
    targets: [
      {
        name: 'srv',
        lambda: (event) => {
          ran.push(event)
          return { said: 'gold' }
        },
        tools: [tool('echo')],
      },
    ],
    requestInterceptor: { lambda, passRequestHeaders: true },
    responseInterceptor: { lambda, passRequestHeaders: true },
    assume,
  }
  const { url } = await started.gateway(gateway)
  return { url, ran }
}

interface Answer {
  body: {
    id?: unknown
    error?: { code: number }
    result?: {
      isError?: boolean
      structuredContent?: { accepts?: unknown[]; error?: string }
      content: { text: string }[]
      _meta?: Record<string, Record<string, unknown>>
    }
  }
}

async function ask(url: string, token?: string, body: unknown = ECHO): Promise<Answer['body']> {
  const headers = token === undefined ? {} : { 'payment-signature': token }
  return ((await post(url, body, headers)) as Answer).body
}

const ECHO = call('srv___echo', { say: 'hi' })

const LOSSES = (['no body', 'status'] as const).flatMap((shortCircuitShown) =>
  SHOWN.map((responseSees) => ({ shortCircuitShown, responseSees })),
)

test.each(LOSSES)('an unpaid call gets its challenge all the same: %o', async (assume) => {
  const local = await stack()
  const { url, ran } = await shop(local, assume)
  const { id, result } = await ask(url)
  expect([id, result?.isError]).toEqual([1, true])
  expect(result?.structuredContent).toMatchObject({ x402Version: 2, error: 'payment required' })
  expect(result?.structuredContent?.accepts).toHaveLength(1)
  expect(ran).toEqual([])
  expect(local.ledger.settlements).toEqual([])
})

test.each(LOSSES)('what a buyer makes of that challenge is bought: %o', async (assume) => {
  const local = await stack()
  const { url, ran } = await shop(local, assume)
  const allowance = { maxAmountPerPayment: 1n, total: 5n }
  const limits = { plans: [local.planId], credits: allowance }
  const paying = payingMcp(await started.client(url), buyer(local), limits)
  const result = await paying.callTool({ name: 'srv___echo', arguments: { say: 'hi' } })
  expect(receiptOf(result)).toMatchObject({ paid: 'yes' })
  expect(ran).toHaveLength(1)
  expect(local.balance()).toBe(99n)
})

test.each(LOSSES)('a payment that is refused gets the reason: %o', async (assume) => {
  const local = await stack({ credits: 0n })
  const { url, ran } = await shop(local, assume)
  const { result } = await ask(url, local.accessToken())
  expect(result?.isError).toBe(true)
  expect(result?.content.map(({ text }) => text).join()).toMatch(/not charged/)
  expect(ran).toEqual([])
  expect(local.ledger.settlements).toEqual([])
})

test.each(LOSSES)('a payment that cannot be read is asked for again: %o', async (assume) => {
  const local = await stack()
  const { url } = await shop(local, assume)
  const { result } = await ask(url, 'no payment')
  expect(result?.structuredContent?.accepts).toHaveLength(1)
})

test.each(LOSSES)(
  'a payment that comes again gets its answer, and is charged once: %o',
  async (assume) => {
    const local = await stack()
    const { url, ran } = await shop(local, assume, { replayAnswers: 'all' })
    const token = singleUse(local, { resource: { url: 'mcp://tool/srv___echo' } })
    const first = await ask(url, token)
    expect(first.result?.content[0]?.text).toContain('gold')
    const again = await ask(url, token)
    expect(again.result?.content).toEqual(first.result?.content)
    expect(again.result?._meta?.['x402/payment-response']).toMatchObject({ success: true })
    expect(ran).toHaveLength(1)
    expect(local.balance()).toBe(99n)
  },
)

test.each(LOSSES)('input that is refused is answered as such: %o', async (assume) => {
  const local = await stack()
  const { url } = await shop(local, assume, { validate: () => 'no such city' })
  const { result } = await ask(url, local.accessToken())
  expect(result?.content.map(({ text }) => text)).toEqual([
    'The input of this call was refused, and this call charged nothing: no such city',
  ])
  expect(local.ledger.settlements).toEqual([])
})

test.each(LOSSES)('errors of JSON-RPC are answered again: %o', async (assume) => {
  const local = await stack()
  const { url } = await shop(local, assume, {
    planId: undefined,
    tools: { other: { planId: local.planId } },
  })
  expect(await ask(url)).toMatchObject({ id: 1, error: { code: -32602 } })
  const nameless = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: {} }
  expect(await ask(url, undefined, nameless)).toMatchObject({ id: 7, error: { code: -32602 } })
})

test('a target that answers a paid call without a body is not charged, and its answer stays as it came', async () => {
  const local = await stack()
  const { handle } = createInterceptor(interceptorOptions(local))
  for (const isTold of [true, false]) {
    const event = local.paidEvent('srv___echo') as { mcp: { gatewayRequest: object } }
    const request = (await handle(event)) as {
      mcp: { transformedGatewayRequest: { headers: object; body: object } }
    }
    const gatewayRequest = isTold
      ? { ...event.mcp.gatewayRequest, ...request.mcp.transformedGatewayRequest }
      : event.mcp.gatewayRequest
    const gatewayResponse = { statusCode: 202, headers: {}, body: null }
    const output = await handle({
      ...event,
      mcp: { ...event.mcp, gatewayRequest, gatewayResponse },
    })
    expect(output).toMatchObject({
      mcp: { transformedGatewayResponse: { statusCode: 202, body: null } },
    })
  }
  expect(local.ledger.settlements).toEqual([])
})
