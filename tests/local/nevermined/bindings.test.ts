import { expect, test } from '@jest/globals'
import type { TokenOptions } from '../../../src/local/index.js'
import { challengeOf, sell, stack, hello } from '../../support/seller.js'
import { SETTLE, VERIFY, permissionBody, raw } from './support/raw.js'

const URL = 'https://shop.example/mcp'
const resource = { url: URL }

/** What verify and settle say of a token for these, where the seller asks for those. */
async function verdicts(token: TokenOptions, asked: { agentId?: string; httpVerb?: string }) {
  const codes: (string | undefined)[] = []
  for (const path of [VERIFY, SETTLE]) {
    const local = await stack()
    const x402AccessToken = local.accessToken(token)
    const body = permissionBody(local, { extra: asked, resource, body: { x402AccessToken } })
    const answer = await raw(local, path, { body })
    codes.push((answer.body as { code?: string }).code)
    if (path === SETTLE) expect(local.balance()).toBe(codes[1] === undefined ? 98n : 100n)
  }
  expect(codes[0]).toBe(codes[1])
  return codes[1]
}

const MISMATCH = 'BCK.X402.0013'

test.each<[string, TokenOptions, { agentId?: string; httpVerb?: string }, string | undefined]>([
  ['for another agent', { agentId: 'a' }, { agentId: 'b' }, MISMATCH],
  ['for this agent', { agentId: 'a' }, { agentId: 'a' }, undefined],
  ['for no agent in particular', {}, { agentId: 'b' }, undefined],
  ['for an agent, to a seller without one', { agentId: 'a' }, {}, undefined],
  ['for another verb', { httpVerb: 'GET' }, { httpVerb: 'POST' }, MISMATCH],
  ['for this verb', { httpVerb: 'POST' }, { httpVerb: 'POST' }, undefined],
])('a reusable token %s', async (_, token, asked, code) => {
  expect(await verdicts({ ...token, version: 2 }, asked)).toBe(code)
})

test.each<[string, TokenOptions, { agentId?: string }]>([
  ['for another agent', { agentId: 'a' }, { agentId: 'b' }],
  ['for no agent', {}, { agentId: 'b' }],
  ['for an agent, to a seller without one', { agentId: 'a' }, {}],
])('a single-use token %s does not pay', async (_, token, asked) => {
  expect(await verdicts({ ...token, version: 3, resource }, asked)).toBe(MISMATCH)
})

test('a seller with an agent is not paid with a token for another one', async () => {
  const local = await stack()
  const handler = sell(local, hello, { agentId: 'mine', endpoint: URL })
  const call = (agentId: string) =>
    handler(local.paidEvent('T___hello', {}, local.accessToken({ agentId })))
  expect(challengeOf(await call('other'))?.error).toBe('verification failed: BCK.X402.0013')
  expect(local.balance()).toBe(100n)
  expect(challengeOf(await call('mine'))).toBeUndefined()
  expect(local.balance()).toBe(99n)
})
