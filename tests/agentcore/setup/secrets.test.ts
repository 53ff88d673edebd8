import { afterEach, expect, jest, test } from '@jest/globals'
import type { ManagerWithConnectorOptions } from '../../../src/agentcore/index.js'
import type { PaymentsFault } from '../../../src/local/agentcore/index.js'
import {
  COINBASE,
  PRIVY,
  PROVIDER,
  WITH_CONNECTOR,
  rejection,
  setUp,
} from '../support/payment-client.js'
import { leaks } from '../../support/secrets.js'

afterEach(() => {
  jest.restoreAllMocks()
})

const SECRETS = Object.entries({ ...COINBASE, ...PRIVY })
  .filter(([name]) => /secret|private/i.test(name))
  .map(([name, value]) => ({ name, value }))

const OF_PRIVY: ManagerWithConnectorOptions = {
  ...WITH_CONNECTOR,
  paymentConnectorConfig: {
    name: 'privy',
    paymentCredentialProviderConfig: {
      name: 'privy-keys',
      credentialProviderVendor: 'StripePrivy',
      credentials: PRIVY,
    },
  },
}

/** Everything that is printed, one way or another. */
function watchOutput(): unknown[] {
  const out: unknown[] = []
  for (const method of ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const) {
    jest.spyOn(console, method).mockImplementation((...args) => void out.push(args))
  }
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      out.push(String(chunk))
      return true
    })
  }
  return out
}

const OPERATIONS = [
  'CreatePaymentCredentialProvider',
  'CreatePaymentManager',
  'GetPaymentManager',
  'CreatePaymentConnector',
  'GetPaymentConnector',
]
const QUOTES = SECRETS.map(({ value }, i) =>
  i % 2 === 0
    ? `the value ${value} of apiKeySecret=${value}&next is not allowed`
    : Buffer.from(`{"walletSecret":"${value}"}`).toString('base64'),
)

test.each(OPERATIONS)('no key comes out when %s fails and quotes it', async (operation) => {
  const out = watchOutput()
  const seen: unknown[] = []
  for (const [i, message] of QUOTES.entries()) {
    const { client, service } = await setUp(1_000)
    const [name, status] =
      i < 2 ? (['InternalServerException', 500] as const) : (['DecryptionFailure', 400] as const)
    const fault = { kind: 'error', name, status, message } as const
    service.faults.set({ operation, ...fault })
    service.faults.set({ operation: 'DeletePaymentCredentialProvider', ...fault, times: 99 })
    service.faults.set({ operation: 'GetPaymentCredentialProvider', ...fault, times: 99 })
    const options = i % 2 === 0 ? WITH_CONNECTOR : OF_PRIVY
    const onProgress = (progress: unknown) => void seen.push(progress)
    const all = { ...options, waitForReady: true, onProgress }
    seen.push(await rejection(client.createPaymentManagerWithConnector(all)))
  }
  expect(seen.length).toBeGreaterThanOrEqual(QUOTES.length)
  expect(leaks([seen, out], SECRETS)).toEqual([])
})

test('no key comes out of answers that cannot be read, nor of names that quote it', async () => {
  const out = watchOutput()
  const seen: unknown[] = []
  const operation = 'CreatePaymentCredentialProvider'
  const faultsOf = (value: string): PaymentsFault[] => [
    { operation, kind: 'error', name: value, status: 400, message: value },
    { operation, kind: 'edit', edit: () => ({ name: value, credentialProviderVendor: value }) },
    { operation, kind: 'garbage' },
  ]
  for (const fault of SECRETS.flatMap(({ value }) => faultsOf(value))) {
    const { client, service } = await setUp()
    service.faults.set(fault)
    seen.push(await rejection(client.createPaymentCredentialProvider(PROVIDER)))
  }
  expect(seen).toHaveLength(3 * SECRETS.length)
  expect(leaks([seen, out], SECRETS)).toEqual([])
})

test('of what AWS says about credentials only the name is kept, since keys can look like prose', async () => {
  const { client, service } = await setUp()
  const message = 'the wallet secret open sesame if you please is too short'
  const secrets = [{ name: 'prose', value: 'open sesame if you please' }]
  const seen = []
  for (const [operation, call] of [
    ['CreatePaymentCredentialProvider', () => client.createPaymentCredentialProvider(PROVIDER)],
    ['GetPaymentCredentialProvider', () => client.getPaymentCredentialProvider({ name: 'a' })],
    ['ListPaymentCredentialProviders', () => client.listPaymentCredentialProviders()],
    [
      'DeletePaymentCredentialProvider',
      () => client.deletePaymentCredentialProvider({ name: 'a' }),
    ],
  ] as const) {
    const fault = { kind: 'error', name: 'ValidationException', status: 400, message } as const
    service.faults.set({ operation, ...fault })
    const error = await rejection(call())
    expect((error as Error).message).toBe(`${operation}: ValidationException`)
    seen.push(error)
  }
  expect(leaks(seen, secrets)).toEqual([])
})

test('no key comes out of options that are refused', async () => {
  const { client } = await setUp()
  const { paymentConnectorConfig: config } = WITH_CONNECTOR
  const { paymentCredentialProviderConfig: provider } = config
  const wrong = [
    { ...provider, credentials: { ...COINBASE, apiKeyId: undefined } },
    { ...provider, credentials: { ...COINBASE, extra: COINBASE.walletSecret } },
    { ...provider, credentialProviderVendor: COINBASE.apiKeySecret },
    { ...provider, name: 5, credentials: COINBASE },
  ]
  const seen: unknown[] = []
  for (const paymentCredentialProviderConfig of wrong) {
    const options = {
      ...WITH_CONNECTOR,
      paymentConnectorConfig: { ...config, paymentCredentialProviderConfig },
    }
    const made = client.createPaymentManagerWithConnector(options as ManagerWithConnectorOptions)
    seen.push(await rejection(made))
  }
  expect(seen).toHaveLength(wrong.length)
  expect(leaks(seen, SECRETS)).toEqual([])
})

test('nothing is printed when everything goes well', async () => {
  const out = watchOutput()
  const { client } = await setUp(1_000)
  await client.createPaymentManagerWithConnector({ ...WITH_CONNECTOR, waitForReady: true })
  jest.restoreAllMocks()
  expect(out).toEqual([])
})

test('the address where somebody consents is in no error', async () => {
  const { client } = await setUp(1_000)
  let url = ''
  const error = await rejection(
    client.createPaymentManagerWithConnector({
      ...WITH_CONNECTOR,
      paymentConnectorConfig: { name: 'quick', provisionMode: 'QUICK_CREATE' },
      waitForReady: true,
      maxWait: 20,
      onProgress: ({ authorizationUrl = url }) => {
        url = authorizationUrl
      },
    }),
  )
  const secret = new URL(url).pathname.split('/').at(-1) ?? ''
  expect(secret.length).toBeGreaterThan(30)
  expect(leaks(error, [{ name: 'URL', value: secret }])).toEqual([])
})

test('the search finds a key where it is', () => {
  const error = new Error('failed', { cause: { body: `x ${COINBASE.walletSecret} y` } })
  expect(leaks([error], SECRETS)).toEqual(['walletSecret'])
})
