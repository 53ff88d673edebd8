import { expect, test } from '@jest/globals'
import type { Local, TokenOptions } from '../../../src/local/index.js'
import { decodeHeader, encodeToken } from '../../../src/wire/x402.js'
import { SETTLE, VERIFY, permissionBody, raw } from './support/raw.js'
import { stack } from '../../support/seller.js'

const BOTH = [VERIFY, SETTLE]
const RESOURCE = { url: 'https://seller.example/mcp' }

test('verify calls a good payment valid and burns nothing', async () => {
  const local = await stack()
  const { status, body } = await raw(local, VERIFY, { body: permissionBody(local) })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    isValid: true,
    payer: local.subscriberAddress,
    network: 'eip155:84532',
    agentRequestId: expect.stringMatching(/./),
  })
  expect(local.balance()).toBe(100n)
})

test('verify names the agent of the request where there is one', async () => {
  const local = await stack()
  const body = permissionBody(local, { extra: { agentId: 'agent-1' } })
  const answer = await raw(local, VERIFY, { body })
  expect(answer.body).toMatchObject({ agentRequest: { agentId: 'agent-1' } })
})

test('verify says why a payment that covers too little is invalid', async () => {
  const local = await stack()
  const { status, body } = await raw(local, VERIFY, {
    body: permissionBody(local, { body: { maxAmount: '101' } }),
  })
  expect([status, body]).toEqual([
    200,
    { isValid: false, invalidReason: 'Insufficient credits', payer: local.subscriberAddress },
  ])
})

test('settle burns and says what is left, in decimal strings', async () => {
  const local = await stack()
  const { status, body } = await raw(local, SETTLE, { body: permissionBody(local) })
  expect(status).toBe(200)
  expect(body).toEqual({
    success: true,
    payer: local.subscriberAddress,
    transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    network: 'eip155:84532',
    creditsRedeemed: '2',
    remainingBalance: '98',
    billingModel: 'credits',
  })
  expect(local.balance()).toBe(98n)
})

test('settle without an amount burns the most the plan allows', async () => {
  const local = await stack({ plan: { minAmount: 1n, maxAmount: 7n } })
  await raw(local, SETTLE, { body: permissionBody(local, { body: { maxAmount: undefined } }) })
  expect(local.balance()).toBe(93n)
})

test('settle of more than there is burns nothing', async () => {
  const local = await stack({ credits: 1n })
  const { status, body } = await raw(local, SETTLE, { body: permissionBody(local) })
  expect([status, body]).toEqual([402, expect.objectContaining({ code: 'BCK.CREDITS.0003' })])
  expect(local.balance()).toBe(1n)
})

test('settle of nothing is an error', async () => {
  const local = await stack()
  const { status, body } = await raw(local, SETTLE, {
    body: permissionBody(local, { body: { maxAmount: '0' } }),
  })
  expect([status, body]).toEqual([400, expect.objectContaining({ code: 'BCK.CREDITS.0002' })])
})

test('a reusable token burns every time it is settled', async () => {
  const local = await stack()
  const body = permissionBody(local)
  await raw(local, SETTLE, { body })
  await raw(local, SETTLE, { body })
  expect(local.balance()).toBe(96n)
})

test('a settle repeated with its agent request id burns once and answers the same', async () => {
  const local = await stack()
  const body = permissionBody(local, { body: { agentRequestId: 'request-1' } })
  const first = await raw(local, SETTLE, { body })
  const second = await raw(local, SETTLE, { body })
  expect(second.body).toEqual(first.body)
  expect(local.balance()).toBe(98n)
})

test('a single-use token burns once; verify calls it valid all the same', async () => {
  const local = await stack()
  const token = local.accessToken({ version: 3, resource: RESOURCE })
  const body = permissionBody(local, { token, resource: RESOURCE })
  expect((await raw(local, SETTLE, { body })).status).toBe(200)
  expect((await raw(local, VERIFY, { body })).body).toMatchObject({ isValid: true })
  expect(await raw(local, SETTLE, { body })).toMatchObject({
    status: 402,
    body: { code: 'BCK.X402.0059' },
  })
  expect(local.balance()).toBe(98n)
  const { nonce } = (decodeHeader(token) as unknown as Forged).payload.authorization
  expect(local.ledger.settlements.map((settlement) => settlement.nonce)).toEqual([nonce])
})

/** A token of the subscriber with one part changed after it was signed. */
function forged(local: Local, options: TokenOptions, change: (token: Forged) => void): string {
  const token = decodeHeader(local.accessToken(options)) as unknown as Forged
  change(token)
  return encodeToken(token)
}

interface Forged {
  resource?: { url: string }
  accepted: { planId: string; extra: { agentId?: string } }
  payload: { signature: string; authorization: { from: string; nonce?: string } }
}

const V3: TokenOptions = { version: 3, resource: RESOURCE }
test.each<[string, TokenOptions, (token: Forged) => void]>([
  ['payer', {}, (token) => (token.payload.authorization.from = '0xsomeone')],
  ['signature', {}, (token) => (token.payload.signature = '0x00')],
  ['nonce', V3, (token) => (token.payload.authorization.nonce = '0x01')],
  ['missing nonce', V3, (token) => delete token.payload.authorization.nonce],
  ['resource', V3, (token) => (token.resource = { url: 'https://seller.example/other' })],
  ['agent', V3, (token) => (token.accepted.extra.agentId = 'agent-2')],
])('a token with a forged %s is refused', async (_, options, change) => {
  const local = await stack()
  const token = forged(local, options, change)
  for (const path of BOTH) {
    const body = permissionBody(local, { token, resource: { url: 'https://seller.example/other' } })
    const answer = await raw(local, path, { body })
    expect(answer).toMatchObject({ status: 402, body: { code: 'BCK.X402.0005' } })
  }
  expect(local.balance()).toBe(100n)
})

test('a token of another stack is refused', async () => {
  const [local, other] = [await stack(), await stack()]
  const body = permissionBody(local, { token: other.accessToken() })
  expect((await raw(local, VERIFY, { body })).body).toMatchObject({ code: 'BCK.X402.0005' })
})

test.each([
  '',
  'abc',
  encodeToken({}),
  encodeToken([]),
  encodeToken({ accepted: {}, payload: {} }),
])('the token "%s" is malformed', async (token) => {
  const local = await stack()
  const answer = await raw(local, SETTLE, { body: permissionBody(local, { token }) })
  expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.X402.0010' } })
})

test.each(['eip155:8453', 'stripe'])(
  'a payment for the network %s does not fit',
  async (network) => {
    const local = await stack()
    const body = permissionBody(local, { accepts: { network } })
    for (const path of BOTH) {
      const answer = await raw(local, path, { body })
      expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.X402.0013' } })
    }
  },
)

test('a payment for another plan does not fit', async () => {
  const local = await stack()
  const { planId } = local.ledger.addPlan()
  const body = permissionBody(local, { accepts: { planId } })
  expect((await raw(local, SETTLE, { body })).body).toMatchObject({ code: 'BCK.X402.0013' })
})

test('of several ways to pay the one of the token counts', async () => {
  const local = await stack()
  const { planId } = local.ledger.addPlan()
  local.ledger.credit(planId, local.subscriberAddress, 5n)
  const body = permissionBody(local, { token: local.accessToken({ planId }) })
  const { paymentRequired } = body as { paymentRequired: { accepts: { planId: string }[] } }
  paymentRequired.accepts.push({ ...paymentRequired.accepts[0], planId })
  await raw(local, SETTLE, { body })
  expect(local.ledger.balance(planId, local.subscriberAddress)).toBe(3n)
  expect(local.balance()).toBe(100n)
})

test.each([[{}], [{ url: null }], [null]])(
  'an agent without resource url (%j) is refused',
  async (resource) => {
    const local = await stack()
    const body = permissionBody(local, { extra: { agentId: 'agent-1' } })
    Object.assign(body['paymentRequired'] as object, { resource })
    for (const path of BOTH) {
      const answer = await raw(local, path, { body })
      expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.X402.0012' } })
    }
  },
)

/** Everything a single-use token is bound to, asked for at settle. */
const BOUND: TokenOptions = { version: 3, resource: RESOURCE, httpVerb: 'POST', agentId: 'agent-1' }
const FITTING = { httpVerb: 'POST', agentId: 'agent-1' }
test.each<[string, string, object, number]>([
  ['all it is bound to', RESOURCE.url, FITTING, 200],
  ['its resource with a query', `${RESOURCE.url}?a=1`, FITTING, 200],
  ['another path', `${RESOURCE.url}/other`, FITTING, 400],
  ['another host', 'https://other.example/mcp', FITTING, 400],
  ['another protocol', 'http://seller.example/mcp', FITTING, 400],
  ['no resource', '', { httpVerb: 'POST' }, 400],
  ['another verb', RESOURCE.url, { ...FITTING, httpVerb: 'GET' }, 400],
  ['no verb', RESOURCE.url, { agentId: 'agent-1' }, 400],
  ['another agent', RESOURCE.url, { ...FITTING, agentId: 'agent-2' }, 400],
  ['no agent', RESOURCE.url, { httpVerb: 'POST' }, 400],
])('a single-use token presented for %s', async (_, url, extra, status) => {
  const local = await stack()
  const token = local.accessToken(BOUND)
  const body = permissionBody(local, { token, resource: { url }, extra: { ...extra } })
  for (const path of BOTH) {
    const answer = await raw(local, path, { body })
    expect(answer.status).toBe(status)
    if (status !== 200) expect(answer.body).toMatchObject({ code: 'BCK.X402.0013' })
  }
})

test('a reusable token that names a resource is good for that one only', async () => {
  const local = await stack()
  const token = local.accessToken({ resource: RESOURCE })
  const settle = async (url: string) =>
    (await raw(local, SETTLE, { body: permissionBody(local, { token, resource: { url } }) })).status
  expect(await settle(`${RESOURCE.url}/other`)).toBe(400)
  expect(await settle(RESOURCE.url)).toBe(200)
})

test('resources that are no URLs are compared as they stand', async () => {
  const local = await stack()
  const token = local.accessToken({ resource: { url: '/ask' } })
  const settle = async (url: string) =>
    (await raw(local, SETTLE, { body: permissionBody(local, { token, resource: { url } }) })).status
  expect([await settle('/ask?a=1'), await settle('/ask')]).toEqual([400, 200])
})
