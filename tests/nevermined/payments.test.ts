import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { afterEach, expect, jest, test } from '@jest/globals'
import { OptionsError, Payments, requiresPayment, type PaymentsOptions } from '../../src/index.js'
import type { Route } from '../../src/local/index.js'
import { decodeToken, tokenVersion } from '../../src/wire/x402.js'
import { buyer, failureOf, paymentRequired, permission, seller } from '../client/support/client.js'
import { RESOURCE, TOOL, countOf } from '../support/outcome.js'
import { challengeOf, hello, silent, stack } from '../support/seller.js'

const { NVM_BACKEND_URL } = process.env
afterEach(() => {
  jest.restoreAllMocks()
  if (NVM_BACKEND_URL === undefined) delete process.env['NVM_BACKEND_URL']
  else process.env['NVM_BACKEND_URL'] = NVM_BACKEND_URL
})

/** A JWT as in every key; only its `sub` is read. */
const JWT = ['{"alg":"HS512"}', '{"sub":"0x1234","o11y":"key"}', 'signature']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

/** Where a client would connect to; nothing leaves the machine. */
async function backendOf(payments: Payments): Promise<string | undefined> {
  let backend: string | undefined
  const refuse = (({ protocol, hostname, port }: http.RequestOptions) => {
    backend = `${protocol}//${hostname}${port ? `:${port}` : ''}`
    throw new Error('stopped before connecting')
  }) as typeof http.request
  jest.spyOn(http, 'request').mockImplementation(refuse)
  jest.spyOn(https, 'request').mockImplementation(refuse)
  await failureOf(payments.plans.getPlan('1'))
  return backend
}

const ENVIRONMENTS: [string, string, string, string][] = [
  ['sandbox:', 'sandbox', 'https://api.sandbox.nevermined.app', 'eip155:84532'],
  ['live:', 'live', 'https://api.live.nevermined.app', 'eip155:8453'],
  ['sandbox-staging:', 'staging_sandbox', 'https://api.sandbox.nevermined.dev', 'eip155:84532'],
  ['live-staging:', 'staging_live', 'https://api.live.nevermined.dev', 'eip155:8453'],
  ['LIVE:', 'live', 'https://api.live.nevermined.app', 'eip155:8453'],
  ['local:', 'custom', 'http://localhost:3001', 'eip155:84532'],
  ['', 'custom', 'http://localhost:3001', 'eip155:84532'],
]

test.each(ENVIRONMENTS)('a key with prefix "%s" belongs to %s at %s', async (prefix, name, url) => {
  delete process.env['NVM_BACKEND_URL']
  const payments = Payments.getInstance({ nvmApiKey: prefix + JWT })
  expect(payments.environmentName).toBe(name)
  expect(payments.accountAddress).toBe('0x1234')
  expect(await backendOf(payments)).toBe(url)
})

test.each(ENVIRONMENTS)('a key with prefix "%s" (%s) sells on its chain', async (...row) => {
  const [prefix, , , network] = row
  const local = await stack()
  const nvmApiKey = prefix + local.nvmApiKey.replace('local:', '')
  const payments = seller(local, { nvmApiKey })
  const handler = requiresPayment(hello, { payments, planId: local.planId, logger: silent })
  const output = await handler(local.paidEvent(TOOL, {}, null))
  expect(challengeOf(output)?.accepts[0]?.network).toBe(network)
})

test('NVM_BACKEND_URL says where the custom environment is', async () => {
  process.env['NVM_BACKEND_URL'] = 'https://nevermined.example:8443'
  const payments = Payments.getInstance({ nvmApiKey: `local:${JWT}` })
  expect(await backendOf(payments)).toBe('https://nevermined.example:8443')
})

test('NVM_BACKEND_URL never redirects the key of a hosted environment', async () => {
  process.env['NVM_BACKEND_URL'] = 'https://nevermined.example'
  const payments = Payments.getInstance({ nvmApiKey: `live:${JWT}` })
  expect(await backendOf(payments)).toBe('https://api.live.nevermined.app')
})

test('the option backendUrl wins over NVM_BACKEND_URL', async () => {
  process.env['NVM_BACKEND_URL'] = 'https://nevermined.example'
  const local = await stack()
  await expect(seller(local).plans.getPlan(local.planId)).resolves.toMatchObject({
    id: local.planId,
  })
})

test('a path in backendUrl is kept in front of every endpoint', async () => {
  const local = await stack()
  const payments = seller(local, { backendUrl: `${local.url}/proxy/` })
  await failureOf(payments.plans.getPlan('7'))
  expect(local.calls[0]?.path).toBe('/proxy/api/v1/protocol/plans/7')
})

test.each<[string, PaymentsOptions | undefined]>([
  ['nvmApiKey', { nvmApiKey: undefined }],
  ['nvmApiKey', { nvmApiKey: '' }],
  ['nvmApiKey', { nvmApiKey: 'sandbox:not-a-jwt' }],
  ['nvmApiKey', { nvmApiKey: 'sandbox:a.b.c' }],
  ['nvmApiKey', { nvmApiKey: `sandbox:a.${Buffer.from('{}').toString('base64url')}.c` }],
  ['backendUrl', { nvmApiKey: `local:${JWT}`, backendUrl: 'localhost:3001' }],
  ['backendUrl', { nvmApiKey: `local:${JWT}`, backendUrl: 'not a url' }],
  ['backendUrl', { nvmApiKey: `local:${JWT}`, backendUrl: '' }],
  ['environment', { nvmApiKey: `local:${JWT}`, environment: 'testing' as 'sandbox' }],
  ['apiKey', { nvmApiKey: `local:${JWT}`, ...{ apiKey: 'x' } }],
  ['options', undefined],
])('a bad %s is named at once', (option, options) => {
  const make = () => Payments.getInstance(options as PaymentsOptions)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ code: 'invalid_options', option }))
})

test.each([
  ['', 'is the environment variable NVM_API_KEY set?'],
  ['undefined', 'looks like a variable that is not set; expected <environment>:<jwt>'],
  ['${NVM_API_KEY}', 'looks like a placeholder that was not replaced; expected'],
  [
    'arn:aws:secretsmanager:us-east-1:1:secret:nvm',
    'looks like an ARN, not the value that it names',
  ],
  ['{"NVM_API_KEY":"live:eyJ"}', 'contains a quote, a space or a line break'],
  [`Bearer live:${JWT}`, 'contains a quote, a space or a line break'],
  [`live:${JWT.slice(0, 40)}`, 'looks like a key that is cut off; expected'],
  [`live:${JWT.split('.', 2).join('.')}`, 'looks like a key that is cut off; expected'],
  ['123456789012345678901234567890', 'expected <environment>:<jwt>'],
])('the key %j is told as what it looks like', (nvmApiKey, words) => {
  const make = () => Payments.getInstance({ nvmApiKey })
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(words)
  if (nvmApiKey.includes('eyJ')) expect(make).not.toThrow('eyJ')
})

test('a client says where its API is, without the password in the address', () => {
  const backendUrl = 'https://user:pass@proxy.example/nvm/'
  const payments = Payments.getInstance({ nvmApiKey: `local:${JWT}`, backendUrl })
  expect(payments.backendUrl).toBe('https://proxy.example/nvm')
})

test('a bad NVM_BACKEND_URL is refused when the client is made', () => {
  process.env['NVM_BACKEND_URL'] = 'nowhere'
  expect(() => Payments.getInstance({ nvmApiKey: `local:${JWT}` })).toThrow(OptionsError)
})

test('an undecodable key is not quoted in the error', () => {
  expect(() => Payments.getInstance({ nvmApiKey: 'live:very-secret' })).not.toThrow(/very-secret/)
  expect(() => Payments.getInstance({ nvmApiKey: 'live:very-secret' })).toThrow(/nvmApiKey/)
})

test.each(['verify', 'settle'] as const)('%s carries key, version and id', async (route) => {
  const local = await stack()
  const { facilitator } = seller(local)
  const call = { correlationId: 'call-1' }
  if (route === 'verify') await facilitator.verifyPermissions(permission(local), call)
  else await facilitator.settlePermissions(permission(local), call)
  expect(local.calls[0]?.headers).toMatchObject({
    accept: 'application/json',
    'content-type': 'application/json',
    authorization: `Bearer ${local.nvmApiKey}`,
    'nevermined-version': '1.1',
    'x-correlation-id': 'call-1',
  })
})

test('public endpoints are asked without the key', async () => {
  const local = await stack()
  const { plans } = seller(local)
  await plans.getPlan(local.planId)
  await plans.getPlanBalance(local.planId, local.subscriberAddress)
  expect(local.calls.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
})

test('every call without a correlation id gets one of its own', async () => {
  const local = await stack()
  const { plans } = seller(local)
  await plans.getPlan(local.planId)
  await plans.getPlan(local.planId)
  const ids = local.calls.map(({ headers }) => headers['x-correlation-id'])
  expect(new Set(ids).size).toBe(2)
  expect(ids.join()).toMatch(/^[0-9a-f-]{36},[0-9a-f-]{36}$/)
})

test.each([1n, 2n ** 53n + 1n, 2n ** 256n - 1n])(
  'the amount %s goes over the wire as a decimal string',
  async (maxAmount) => {
    const local = await stack()
    await seller(local).facilitator.verifyPermissions({ ...permission(local), maxAmount })
    expect(local.calls[0]?.body).toMatchObject({ maxAmount: maxAmount.toString() })
  },
)

test('the balance is that of the key unless another holder is named', async () => {
  const local = await stack()
  const own = await buyer(local).plans.getPlanBalance(local.planId)
  const other = await seller(local).plans.getPlanBalance(local.planId, local.subscriberAddress)
  expect(own).toMatchObject({ holderAddress: local.subscriberAddress, balance: '100' })
  expect(other).toEqual(own)
})

test('ordering a plan spends the wallet and fills the balance', async () => {
  const local = await stack({ credits: 0n })
  await buyer(local).plans.orderPlan(local.planId)
  expect(local.balance()).toBe(100n)
  expect(local.ledger.accounts.get(local.subscriberAddress)?.walletCents).toBe(900n)
})

test('an order whose answer was lost is not sent again', async () => {
  const local = await stack({ credits: 0n })
  const payments = buyer(local)
  await payments.plans.getPlan(local.planId)
  local.faults.set({ route: 'order', kind: 'lost-answer' })
  const failure = await failureOf(payments.plans.orderPlan(local.planId))
  expect(failure.outcome).toBe('unknown')
  expect(countOf(local, 'order')).toBe(1)
})

test('a minted token pays for a call', async () => {
  const local = await stack()
  const { accessToken } = await buyer(local).x402.getX402AccessToken(local.planId)
  const settled = await seller(local).facilitator.settlePermissions({
    paymentRequired: paymentRequired(local),
    x402AccessToken: accessToken,
    maxAmount: 3n,
  })
  expect(settled).toMatchObject({ success: true, creditsRedeemed: '3' })
  expect(local.balance()).toBe(97n)
})

test('a single-use token is minted bound to what was asked', async () => {
  const local = await stack()
  const options = { resource: RESOURCE, tokenVersion: 3 } as const
  const { accessToken } = await buyer(local).x402.getX402AccessToken(local.planId, 'a1', options)
  const payload = decodeToken(accessToken)
  expect(tokenVersion(payload)).toBe(3)
  expect(payload).toMatchObject({
    resource: RESOURCE,
    accepted: { planId: local.planId, extra: { agentId: 'a1', httpVerb: 'POST' } },
  })
})

test('a token minted with a delegation tops up what is missing', async () => {
  const local = await stack({ credits: 0n })
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 100n,
  })
  const { accessToken } = await buyer(local).x402.getX402AccessToken(local.planId, undefined, {
    delegationConfig: { delegationId },
  })
  const params = { paymentRequired: paymentRequired(local), x402AccessToken: accessToken }
  const settled = await seller(local).facilitator.settlePermissions({ ...params, maxAmount: 1n })
  expect(settled).toMatchObject({ orderTx: expect.stringMatching(/^0x/) })
  expect(local.balance()).toBe(99n)
})

test.each<[Route, (payments: Payments) => Promise<unknown>, string]>([
  ['plan', (payments) => payments.plans.getPlan('404'), 'BCK.PROTOCOL.0003'],
  ['balance', (payments) => payments.plans.getPlanBalance('404'), 'BCK.PROTOCOL.0003'],
  ['order', (payments) => payments.plans.orderPlan('404'), 'BCK.PROTOCOL.0003'],
])('an unknown plan is named by the code of %s', async (_, ask, code) => {
  const local = await stack()
  expect(await failureOf(ask(seller(local)))).toMatchObject({ code, httpStatus: 404 })
})

test('a plan id cannot lead to another endpoint', async () => {
  const local = await stack()
  await failureOf(seller(local).plans.getPlan('../../delegation?x=1#'))
  expect(local.calls[0]?.path).toBe('/api/v1/protocol/plans/..%2F..%2Fdelegation%3Fx%3D1%23')
})

test('importing the package opens no connection and asks nobody', async () => {
  jest.resetModules()
  const spies = [
    jest.spyOn(net.Socket.prototype, 'connect'),
    jest.spyOn(http, 'request'),
    jest.spyOn(https, 'request'),
    jest.spyOn(globalThis, 'fetch'),
  ]
  const fresh = await import('../../src/index.js')
  expect(fresh.Payments).not.toBe(Payments)
  fresh.Payments.getInstance({ nvmApiKey: `live:${JWT}` })
  expect(spies.map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0, 0])
})
