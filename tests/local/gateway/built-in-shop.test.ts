import { expect, test } from '@jest/globals'
import { requiresPayment, Payments } from '../../../src/index.js'
import { startLocal, type Local } from '../../../src/local/index.js'
import { countOf } from '../../support/outcome.js'
import { stack, toolCall } from '../../support/seller.js'

interface Answer {
  result?: { isError?: boolean; content: { text: string }[] }
  error?: { code: number; message: string }
}

async function callTool(local: Local, tool: string, token?: string): Promise<Answer> {
  const response = await fetch(`${local.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { 'payment-signature': token }),
    },
    body: JSON.stringify(toolCall(tool, { name: 'Ada' })),
  })
  return (await response.json()) as Answer
}

test('the shop of the stack sells its greeting', async () => {
  const local = await stack()
  const { result } = await callTool(local, 'Greeter___hello', local.accessToken())
  expect(result?.content[0]?.text).toBe('Hello, Ada!')
  expect(local.balance()).toBe(99n)
})

const OTHERS = ['hello', 'Other___hello', 'Greeter___goodbye', 'Greeter___hello2', 'getPatient']

test.each(OTHERS)('it does not know the tool %s, paid or not', async (tool) => {
  const local = await stack()
  for (const token of [undefined, local.accessToken()]) {
    expect(await callTool(local, tool, token)).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/unknown tool/i) },
    })
  }
  expect(local.balance()).toBe(100n)
  expect(countOf(local, 'settle')).toBe(0)
})

test('tools that are declared in its place are the ones it sells', async () => {
  const shout = { name: 'shout', description: 'Shouts', inputSchema: { type: 'object' } } as const
  const local = await stack({ tools: [shout] })
  const token = local.accessToken()
  expect((await callTool(local, 'Greeter___shout', token)).result?.isError).toBeUndefined()
  expect(await callTool(local, 'Greeter___hello', token)).toMatchObject({ error: { code: -32602 } })
  expect(local.balance()).toBe(99n)
})

test('a handler of yours decides itself what it sells', async () => {
  const local = await stack()
  const { nvmApiKey, url: backendUrl, planId } = local
  const payments = Payments.getInstance({ nvmApiKey, backendUrl })
  local.sell({ handler: requiresPayment(() => 'sold', { payments, planId }) })
  const { result } = await callTool(local, 'getPatient', local.accessToken())
  expect(result?.content[0]?.text).toBe('sold')
})

test('a shop without tools and without handler is an error that names them', async () => {
  await expect(startLocal({ tools: [] })).rejects.toMatchObject({ option: 'tools' })
})
