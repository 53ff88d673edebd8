import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { receiptOf } from 'agentcore-x402/client'
import { startLocal } from 'agentcore-x402/local'

// A facilitator on this machine, and a buyer with 100 credits. It needs no network and no account.
const local = await startLocal({ credits: 100n })
after(() => local.close())

Object.assign(process.env, {
  NVM_API_KEY: local.nvmApiKey,
  NVM_PLAN_ID: local.planId,
  NVM_BACKEND_URL: local.url,
})
const { handler } = await import('../src/handler.js') // It reads the variables.

interface Result {
  isError?: boolean
  content: { text: string }[]
  structuredContent?: { accepts: { planId?: string }[] }
}

/** Calls a tool as the Gateway does. Without a token, a new payment is made. */
async function call(tool: string, text: unknown, token?: null): Promise<Result> {
  const output = await handler(local.paidEvent(`tools___${tool}`, { text }, token))
  const body = output.mcp.transformedGatewayResponse?.body as { result: Result }
  return body.result
}

test('a call without payment is answered with a challenge, and costs nothing', async () => {
  const result = await call('count_words', 'one two three', null)
  assert.equal(result.isError, true)
  assert.equal(result.structuredContent?.accepts[0]?.planId, local.planId)
  assert.equal(local.balance(), 100n)
})

test('a paid call is answered with the result and a receipt', async () => {
  const result = await call('count_words', 'one two three')
  assert.equal(result.content[0]?.text, '3')
  assert.equal(receiptOf(result).paid, 'yes')
  assert.equal(local.balance(), 99n)
})

test('the other tool costs two credits', async () => {
  const result = await call('longest_word', 'one two three')
  assert.equal(result.content[0]?.text, 'three')
  assert.equal(local.balance(), 97n)
})

test('a call with wrong input is refused, and costs nothing', async () => {
  const result = await call('count_words', 3)
  assert.equal(result.isError, true)
  assert.equal(local.balance(), 97n)
})
