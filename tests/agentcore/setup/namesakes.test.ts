import { expect, test } from '@jest/globals'
import { newOutcome, noting } from '../../../src/agentcore/aws/outcome.js'
import {
  COINBASE,
  DENIED,
  MANAGER,
  NOTHING,
  PROVIDER,
  WITH_CONNECTOR,
  failed,
  setUp,
} from '../support/payment-client.js'

const CREATE_PROVIDER = 'CreatePaymentCredentialProvider'
const GET_PROVIDER = 'GetPaymentCredentialProvider'
const CONFLICT = { kind: 'error', name: 'ConflictException', status: 409 } as const

/** What `leftovers` says of something that may be somebody else's. */
const perhaps = (resource: string, id: unknown, reason: string) => ({
  resource,
  id,
  reason,
  isCertain: false,
})

test.each([
  ['that failed at AWS', 1],
  ['that failed at AWS and was in conflict when it was repeated', 3],
])("somebody else's new provider outlives a call %s", async (_, maxAttempts) => {
  const all = await setUp(0, { maxAttempts })
  await all.client.createPaymentCredentialProvider(PROVIDER)
  all.time.pass(60_000)
  all.service.faults.set({ operation: CREATE_PROVIDER, kind: 'error' })
  const error = await failed(all)
  expect(error.leftovers).toEqual([])
  expect(error.message).toMatch(/; nothing is left of it$/)
  expect(await all.state()).toEqual({ ...NOTHING, providers: [PROVIDER.name] })
})

test.each([
  ['failed at AWS', { kind: 'error' }],
  ['was broken off', { kind: 'reset' }],
] as const)("somebody else's new manager outlives a call that %s", async (_, fault) => {
  const all = await setUp()
  const { paymentManagerId } = await all.client.createPaymentManager(MANAGER)
  all.time.pass(60_000)
  all.service.faults.set({ operation: 'CreatePaymentManager', ...fault })
  const { leftovers, message } = await failed(all)
  expect(leftovers).toEqual([perhaps('paymentManager', paymentManagerId, 'ConflictException')])
  expect(message).toContain(
    `; perhaps left, or somebody else's: paymentManager ${paymentManagerId} (ConflictException)`,
  )
  expect(message).not.toContain('to be deleted by hand')
  expect(all.called()).not.toContain('DeletePaymentManager')
  expect(all.naps.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(15_000)
  expect(await all.state()).toEqual({ ...NOTHING, managers: [MANAGER.name] })
})

test('a provider of which nobody knows whether it was there before is not deleted', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: GET_PROVIDER, ...DENIED })
  all.service.faults.set({ operation: CREATE_PROVIDER, kind: 'lost-answer' })
  const { leftovers } = await failed(all)
  expect(leftovers).toEqual([perhaps('credentialProvider', PROVIDER.name, 'Unproven')])
  expect((await all.state()).providers).toEqual([PROVIDER.name])
})

const PRIVY_PROVIDER = {
  name: 'privy-keys',
  credentialProviderVendor: 'StripePrivy',
  credentials: {
    appId: 'app',
    appSecret: 'secret',
    authorizationPrivateKey: 'key',
    authorizationId: 'authorization',
  },
} as const

test.each([
  ['Coinbase', {}, { coinbaseCdpConfiguration: { apiKeyId: 'of-others' } }],
  [
    'Privy',
    { paymentCredentialProviderConfig: PRIVY_PROVIDER },
    { stripePrivyConfiguration: { appId: 'app', authorizationId: 'of-others' } },
  ],
  ['nobody', {}, undefined],
])(
  'a new provider with other keys of %s is not deleted',
  async (_, changes, providerConfigurationOutput) => {
    const all = await setUp()
    all.service.faults.set({ operation: CREATE_PROVIDER, kind: 'lost-answer' })
    const edit = (answer: object) => ({ ...answer, providerConfigurationOutput })
    all.service.faults.set({ operation: GET_PROVIDER, kind: 'edit', edit, skip: 1, times: 9 })
    const paymentConnectorConfig = { ...WITH_CONNECTOR.paymentConnectorConfig, ...changes }
    const { leftovers } = await failed(all, { paymentConnectorConfig })
    const { name } = paymentConnectorConfig.paymentCredentialProviderConfig
    expect(leftovers).toEqual([perhaps('credentialProvider', name, 'Unproven')])
    expect((await all.state()).providers).toEqual([name])
  },
)

test('a provider of Privy whose answer is lost is told by its keys, and undone', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: CREATE_PROVIDER, kind: 'lost-answer' })
  const connector = WITH_CONNECTOR.paymentConnectorConfig
  const error = await failed(all, {
    paymentConnectorConfig: { ...connector, paymentCredentialProviderConfig: PRIVY_PROVIDER },
  })
  expect(error.leftovers).toEqual([])
  expect(await all.state()).toEqual(NOTHING)
})

test.each([
  ['CreatePaymentManager', 'paymentManager', 'shop'],
  ['CreatePaymentConnector', 'paymentConnector', 'coinbase'],
])('%s is proven with its client token, and nothing else is', async (operation, resource, name) => {
  const all = await setUp()
  all.service.faults.set({ operation, kind: 'lost-answer' })
  all.service.faults.set({ operation, ...DENIED, skip: 1 })
  const { leftovers } = await failed(all)
  const id = expect.stringMatching(new RegExp(`^${name}-\\w{10}$`)) as unknown
  expect(leftovers[0]).toEqual(perhaps(resource, id, 'AccessDeniedException'))
  const tokens = all.bodies(operation).map(({ clientToken }) => clientToken)
  expect(tokens).toHaveLength(2)
  expect(new Set(tokens).size).toBe(1)
  expect(all.called()).not.toContain(operation.replace('Create', 'Delete'))
  expect((await all.state()).managers).toEqual(['shop'])
})

test.each([
  ['is in conflict with itself', CONFLICT],
  ['is throttled', { kind: 'error', name: 'ThrottlingException', status: 429 }],
  ['fails', { kind: 'error' }],
  ['is lost', { kind: 'lost-answer' }],
] as const)('a proof that %s for a moment is asked for again', async (_, fault) => {
  const all = await setUp()
  const operation = 'CreatePaymentManager'
  all.service.faults.set({ operation, kind: 'lost-answer' })
  all.service.faults.set({ operation, ...fault, skip: 1, times: 2 })
  expect(await failed(all)).toMatchObject({ leftovers: [] })
  expect(await all.state()).toEqual(NOTHING)
})

test('a call that is given up while it is looked what is there makes nothing', async () => {
  const all = await setUp()
  const controller = new AbortController()
  const reason = new Error('enough')
  const edit = (answer: object) => (controller.abort(reason), answer)
  await all.client.createPaymentCredentialProvider(PROVIDER)
  all.service.faults.set({ operation: GET_PROVIDER, kind: 'edit', edit })
  const before = all.called().length
  const error = await failed(all, {}, { abortSignal: controller.signal })
  expect(error).toMatchObject({ cause: reason, leftovers: [] })
  expect(all.called().slice(before)).toEqual([GET_PROVIDER])
})

test('what is there is looked up by its name alone, before anything is made', async () => {
  const all = await setUp()
  await all.client.createPaymentManagerWithConnector(WITH_CONNECTOR)
  expect(all.called().slice(0, 3)).toEqual([GET_PROVIDER, CREATE_PROVIDER, 'CreatePaymentManager'])
  expect(all.bodies(GET_PROVIDER)).toEqual([{ name: PROVIDER.name }])
  expect(JSON.stringify(all.bodies(GET_PROVIDER))).not.toContain(COINBASE.apiKeyId)
})

test('a request that is under way may be done, also for whoever does not wait for it', async () => {
  const outcome = newOutcome()
  let answer: (sent: { response: { statusCode: number } }) => void = () => undefined
  const send = () => new Promise<{ response: unknown }>((resolve) => void (answer = resolve))
  const sent = noting(send, outcome)({})
  expect(outcome).toEqual({ mayBeDone: true, attempts: 1 })
  answer({ response: { statusCode: 400 } })
  await sent
  expect(outcome).toEqual({ mayBeDone: false, attempts: 1 })
})
