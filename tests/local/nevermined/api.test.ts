import { expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { decodeHeader, decodeToken, tokenVersion } from '../../../src/wire/x402.js'
import { PERMISSIONS, SETTLE, VERIFY, permissionBody, raw } from './support/raw.js'
import { stack, toolCall } from '../../support/seller.js'

const BOTH = [VERIFY, SETTLE]

const planPath = ({ planId }: Local) => `/api/v1/protocol/plans/${planId}`
const balancePath = (local: Local) => `${planPath(local)}/balance/${local.subscriberAddress}`

test.each(BOTH)('%s works without a key, and with a wrong one never', async (path) => {
  const [local, other] = [await stack(), await stack()]
  const body = permissionBody(local)
  expect((await raw(local, path, { body, key: null })).status).toBe(200)
  const wrong = await raw(local, path, { body, key: other.nvmApiKey })
  expect(wrong).toMatchObject({ status: 401, body: { code: 'BCK.APIKEY.0004' } })
})

/** Endpoints that act for the account of the key. */
const KEYED: [string, string, (local: Local) => string, unknown][] = [
  ['minting', 'POST', () => PERMISSIONS, {}],
  ['ordering', 'POST', (local) => `${planPath(local)}/order`, {}],
  ['creating a delegation', 'POST', () => '/api/v1/delegation/create', {}],
  ['listing delegations', 'GET', () => '/api/v1/delegation', undefined],
  ['listing payment methods', 'GET', () => '/api/v1/payment-methods', undefined],
]

test.each(KEYED)('%s needs a key', async (_, method, path, body) => {
  const local = await stack()
  const { status, body: answer } = await raw(local, path(local), { method, body, key: null })
  expect([status, answer]).toEqual([401, expect.objectContaining({ code: 'BCK.AUTH.0002' })])
})

test.each(KEYED)('%s needs a key of this stack', async (_, method, path, body) => {
  const [local, other] = [await stack(), await stack()]
  const { status, body: answer } = await raw(local, path(local), {
    method,
    body,
    key: other.subscriberApiKey,
  })
  expect([status, answer]).toEqual([401, expect.objectContaining({ code: 'BCK.APIKEY.0004' })])
})

test.each(BOTH)('%s takes explicit nulls for what is absent', async (path) => {
  const local = await stack()
  const body = permissionBody(local, {
    extra: { agentId: null, httpVerb: null },
    resource: { url: 'mcp://tool/a', description: null, mimeType: null },
    body: { agentRequestId: null, batch: null, marginPercent: null },
  })
  Object.assign(body['paymentRequired'] as object, { error: null })
  expect((await raw(local, path, { body })).status).toBe(200)
})

test.each<[string, (local: Local) => unknown]>([
  ['no JSON', () => '{'],
  ['no object', () => '[]'],
  ['nothing', () => ''],
  ['no token', (local) => permissionBody(local, { body: { x402AccessToken: undefined } })],
  ['no terms', (local) => ({ ...permissionBody(local), paymentRequired: undefined })],
  ['a negative amount', (local) => permissionBody(local, { body: { maxAmount: '-1' } })],
  ['a fraction', (local) => permissionBody(local, { body: { maxAmount: '1.5' } })],
  ['a fraction as number', (local) => permissionBody(local, { body: { maxAmount: 1.5 } })],
  ['a negative number', (local) => permissionBody(local, { body: { maxAmount: -1 } })],
])('a settle with %s is a bad request, and burns nothing', async (_, body) => {
  const local = await stack()
  const answer = await raw(local, SETTLE, { method: 'POST', body: body(local) })
  expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.HTTP.400' } })
  expect(local.balance()).toBe(100n)
})

test('an integer JSON cannot hold exactly is refused anywhere in a body', async () => {
  const local = await stack()
  const body = permissionBody(local, { body: { maxAmount: '@' } })
  const text = JSON.stringify(body).replace('"@"', '9007199254740993')
  const answer = await raw(local, SETTLE, { body: text })
  expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.COMMON.0026' } })
  expect(local.balance()).toBe(100n)
})

test('minting gives a token of the account, in the version asked for', async () => {
  const local = await stack()
  const mint = (more: object) =>
    raw(local, PERMISSIONS, {
      key: local.subscriberApiKey,
      body: {
        accepted: { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId },
        ...more,
      },
    })
  const two = await mint({ delegationConfig: null, resource: null, tokenVersion: null })
  const three = await mint({ resource: { url: 'https://seller.example/mcp' }, tokenVersion: 3 })
  const tokens = [two, three].map(({ body }) => (body as { accessToken: string }).accessToken)
  expect(tokens.map((token) => tokenVersion(decodeToken(token)))).toEqual([2, 3])
  expect(decodeToken(tokens[1] ?? '')?.payload.authorization?.from).toBe(local.subscriberAddress)
})

test.each<[string, object, number, string]>([
  ['of nobody', { delegationId: 'none' }, 402, 'BCK.X402.0019'],
  ['of someone else', { delegationId: 'sellers' }, 402, 'BCK.X402.0019'],
  ['bound to another plan', { delegationId: 'elsewhere' }, 400, 'BCK.X402.0014'],
])('a token is not minted for a delegation %s', async (_, delegationConfig, status, code) => {
  const local = await stack()
  const terms = { spendingLimitCents: 100n }
  local.ledger.addDelegation('0xseller', { ...terms, delegationId: 'sellers' })
  const bound = { ...terms, delegationId: 'elsewhere', planId: '7' }
  local.ledger.addDelegation(local.subscriberAddress, bound)
  const accepted = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId }
  const answer = await raw(local, PERMISSIONS, {
    key: local.subscriberApiKey,
    body: { accepted, delegationConfig },
  })
  expect(answer).toMatchObject({ status, body: { code } })
})

test('a plan tells how it is paid', async () => {
  const local = await stack({ plan: { fiatProvider: 'visa' } })
  const { status, body } = await raw(local, planPath(local), { key: null })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    id: local.planId,
    metadata: { plan: { fiatPaymentProvider: 'visa' } },
    registry: { price: { isCrypto: false } },
  })
})

test('a balance is public and a decimal string, in whatever case the address comes', async () => {
  const local = await stack({ credits: 2n ** 60n })
  const upper = local.subscriberAddress.replace(/[a-f]/g, (digit) => digit.toUpperCase())
  for (const path of [balancePath(local), `${planPath(local)}/balance/${upper}`]) {
    const { status, body } = await raw(local, path, { key: null })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      planId: local.planId,
      balance: String(2n ** 60n),
      isSubscriber: true,
    })
  }
})

test('a holder of nothing has a balance of "0"', async () => {
  const local = await stack()
  const { body } = await raw(local, `${planPath(local)}/balance/0xnobody`)
  expect(body).toMatchObject({ balance: '0', isSubscriber: false })
})

test('orders are paid from the wallet until it is empty', async () => {
  const local = await stack({ credits: 0n, plan: { priceCents: 600n } })
  const order = () =>
    raw(local, `${planPath(local)}/order`, { method: 'POST', key: local.subscriberApiKey })
  expect(await order()).toMatchObject({ status: 200, body: { success: true } })
  expect(await order()).toMatchObject({ status: 500, body: { code: 'BCK.X402.0008' } })
  expect(local.balance()).toBe(100n)
})

test('a delegation is created, and listed for its owner only', async () => {
  const local = await stack()
  const created = await raw(local, '/api/v1/delegation/create', {
    key: local.subscriberApiKey,
    body: {
      provider: 'stripe',
      spendingLimitCents: 500,
      durationSecs: 60,
      currency: 'usd',
      planId: null,
      maxTransactions: null,
    },
  })
  expect(created.status).toBe(201)
  const list = (key: string) => raw(local, '/api/v1/delegation?page=1&offset=10', { key })
  expect((await list(local.subscriberApiKey)).body).toMatchObject({
    totalResults: 1,
    delegations: [
      {
        ...(created.body as object),
        provider: 'stripe',
        status: 'Active',
        currency: 'usd',
        spendingLimitCents: '500',
        remainingBudgetCents: '500',
      },
    ],
  })
  expect((await list(local.nvmApiKey)).body).toMatchObject({ totalResults: 0, delegations: [] })
})

test.each<[string, object, number, string]>([
  ['with time left', { durationSecs: 1 }, 999, 'Active'],
  ['whose time is over', { durationSecs: 1 }, 1_000, 'Expired'],
  ['that spent its limit', { amountSpentCents: 5n }, 0, 'Exhausted'],
  ['that made all its transactions', { maxTransactions: 0 }, 0, 'Exhausted'],
  ['that was revoked', { status: 'Revoked' }, 0, 'Revoked'],
])('a delegation %s is listed as such', async (_, terms, laterMs, status) => {
  let now = 1_000_000
  const local = await stack({ now: () => now })
  local.ledger.addDelegation(local.subscriberAddress, { spendingLimitCents: 5n, ...terms })
  now += laterMs
  const { body } = await raw(local, '/api/v1/delegation', { key: local.subscriberApiKey })
  expect(body).toMatchObject({ delegations: [{ status }] })
})

test.each<[string, string, string]>([
  ['GET', '/api/v1/protocol/plans/404', 'BCK.PROTOCOL.0003'],
  ['GET', '/api/v1/protocol/plans/404/balance/0x1', 'BCK.PROTOCOL.0003'],
  ['POST', '/api/v1/protocol/plans/404/order', 'BCK.PROTOCOL.0003'],
  ['GET', '/api/v1/x402/verify', 'BCK.HTTP.404'],
  ['GET', '/', 'BCK.HTTP.404'],
])('%s %s is not found', async (method, path, code) => {
  const local = await stack()
  expect(await raw(local, path, { method })).toMatchObject({ status: 404, body: { code } })
})

test.each(['2.0', '1', 'abc'])('the API version %s is unknown', async (version) => {
  const local = await stack()
  const headers = { 'nevermined-version': version }
  const answer = await raw(local, planPath(local), { headers })
  expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.VERSION.0001' } })
})

test('the supported versions are listed, and the one used is echoed', async () => {
  const local = await stack()
  const headers = { 'nevermined-version': '1.1' }
  const answer = await raw(local, '/api/v1/meta/versions', { headers })
  expect(answer.body).toMatchObject({ supported: expect.arrayContaining(['1.0', '1.1']) })
  expect(answer.headers.get('nevermined-version')).toBe('1.1')
})

test('the correlation id comes back in the header and in the error', async () => {
  const local = await stack()
  const headers = { 'x-correlation-id': 'call-1' }
  const good = await raw(local, planPath(local), { headers })
  const bad = await raw(local, '/api/v1/protocol/plans/404', { headers })
  expect([good, bad].map((answer) => answer.headers.get('x-correlation-id'))).toEqual([
    'call-1',
    'call-1',
  ])
  expect(bad.body).toMatchObject({ correlationId: 'call-1', date: expect.stringMatching(/^2/) })
})

test('a call without correlation id is given one', async () => {
  const local = await stack()
  const { headers } = await raw(local, planPath(local))
  expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
})

const CALL = toolCall('Greeter___hello', {}, { id: 7 })

test('the door at /mcp asks for payment, then sells', async () => {
  const local = await stack()
  const unpaid = await raw(local, '/mcp', { body: CALL, key: null })
  expect(unpaid.status).toBe(200)
  const required = decodeHeader(unpaid.headers.get('payment-required') ?? '')
  expect(required).toMatchObject({
    x402Version: 2,
    accepts: [{ planId: local.planId }, { payTo: local.sellerAddress }],
  })
  expect(unpaid.body).toMatchObject({ id: 7, result: { isError: true } })

  const headers = { 'payment-signature': local.accessToken() }
  const paid = await raw(local, '/mcp', { body: CALL, key: null, headers })
  expect(paid.body).toMatchObject({ id: 7, result: { content: [{ text: 'Hello, world!' }] } })
  expect(decodeHeader(paid.headers.get('payment-response') ?? '')).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test('the door at /mcp answers what is no JSON', async () => {
  const local = await stack()
  const answer = await raw(local, '/mcp', { body: '{"jsonrpc":', key: null })
  expect(answer).toMatchObject({ status: 400, body: { error: { code: -32700 } } })
})

test('the door at /mcp lists what it sells free of charge', async () => {
  const local = await stack()
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const { status, body } = await raw(local, '/mcp', { body: list })
  const { tools } = (body as { result: { tools: { name: string }[] } }).result
  expect(status).toBe(200)
  expect(tools.map(({ name }) => name)).toContain('Greeter___hello')
  expect(local.balance()).toBe(100n)
})

test('the door at /mcp says nothing to notifications', async () => {
  const local = await stack()
  const notification = { ...CALL, id: undefined }
  const answer = await raw(local, '/mcp', { body: notification, key: null })
  expect([answer.status, answer.body]).toEqual([202, ''])
})

test('the stack listens on loopback only, on a port of the system or the one asked for', async () => {
  const local = await stack()
  expect(local.url).toBe(`http://127.0.0.1:${local.port}`)
  await expect(stack({ port: local.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
