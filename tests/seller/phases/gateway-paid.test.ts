import { expect, test } from '@jest/globals'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { LambdaHandler } from '../../../src/local/index.js'
import { decodeToken } from '../../../src/wire/x402.js'
import { started, tool } from '../../local/support/gateway.js'
import { sell, stack } from '../../support/seller.js'

/** A seller whose handler answers as a REQUEST interceptor, and a client of the gateway before it. */
async function buyerOf(lambda: LambdaHandler, response?: LambdaHandler): Promise<Client> {
  const { url } = await started.gateway({
    targets: [{ name: 'shop', lambda: () => 'never called', tools: [tool('greet')] }],
    requestInterceptor: { lambda, passRequestHeaders: true },
    ...(response && { responseInterceptor: { lambda: response, passRequestHeaders: true } }),
  })
  return started.client(url)
}

test('a client lists tools for free, is told the price, pays, and gets its result and receipt', async () => {
  const local = await stack()
  const handler = sell(local)
  const client = await buyerOf(handler, handler)
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('shop___greet')
  const before = local.balance()

  const unpaid = await client.callTool({ name: 'shop___greet' })
  expect(unpaid.isError).toBe(true)
  expect(unpaid.structuredContent).toMatchObject({
    x402Version: 2,
    accepts: [{ planId: local.planId }],
  })
  expect(local.balance()).toBe(before)

  const payment = decodeToken(local.accessToken())
  const paid = await client.callTool({ name: 'shop___greet', _meta: { 'x402/payment': payment } })
  expect(paid.content).toEqual([{ type: 'text', text: 'Hello!' }])
  expect(paid._meta?.['x402/payment-response']).toMatchObject({ success: true })
  expect(before - local.balance()).toBe(1n)
})
