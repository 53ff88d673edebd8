import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { startPaymentsService, type LocalPaymentsService } from '../../src/local/index.js'
import { built, run } from '../support/built.js'

let service: LocalPaymentsService
/** What a shell would hold, offline. */
let env: Record<string, string>

beforeAll(built, 60_000)
beforeEach(async () => {
  service = await startPaymentsService({ consent: 'awaited' })
  env = {
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: service.url,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: service.url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    PAYMENT_ROLE_ARN: 'arn:aws:iam::123456789012:role/payments',
    CDP_API_KEY_ID: 'key',
    CDP_API_KEY_SECRET: 'secret',
    CDP_WALLET_SECRET: 'secret',
    PRIVY_APP_ID: 'app',
    PRIVY_APP_SECRET: 'secret',
    PRIVY_AUTHORIZATION_ID: 'id',
    PRIVY_AUTHORIZATION_PRIVATE_KEY: 'key',
  }
})
afterEach(() => service.close())

/** Runs an example as a shell does, and keeps what it exports for the next. */
async function play(example: string, ...args: string[]): Promise<string> {
  const command = ['.config/run-ts.mjs', `examples/${example}.ts`, ...args]
  const { stdout, stderr } = await run(process.execPath, command, { env, timeout: 20_000 })
  for (const [, name = '', value = ''] of stdout.matchAll(/^export (\w+)=(\S+)$/gm)) {
    env[name] = value
  }
  return stderr
}

test('from nothing to a session: manager, connector, wallets and a limit', async () => {
  expect(await play('payment-manager-coinbase')).toContain('paymentConnector: READY')
  expect(env).toMatchObject({
    PAYMENT_MANAGER_ARN: expect.stringContaining('payment-manager/research-'),
    PAYMENT_CONNECTOR_ID: expect.stringContaining('coinbase-'),
  })
  const steps = await play('payment-instruments')
  const [ethereum, solana] = service.instruments()
  expect([ethereum?.id, solana?.id]).toEqual([
    env['PAYMENT_INSTRUMENT_ID'],
    env['PAYMENT_SOLANA_INSTRUMENT_ID'],
  ])
  expect(steps).toBe(
    `ETHEREUM: the user has to
- open ${ethereum?.redirectUrl} and sign in as user@example.com
- consent to the agent paying from this wallet
- send USDC on BASE_SEPOLIA to ${ethereum?.address}
SOLANA: the user has to
- open ${solana?.redirectUrl} and sign in as user@example.com
- consent to the agent paying from this wallet
- send USDC on SOLANA_DEVNET to ${solana?.address}
`,
  )
  expect(await play('payment-session', '2.50')).toBe('left: 2.50 USD for 59 minutes\n')
  expect(service.sessions()).toMatchObject([
    { id: env['PAYMENT_SESSION_ID'], userId: 'user-1', available: '2.50' },
  ])
}, 30_000)

test('what cannot be made is undone, and said in one line', async () => {
  service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
  const failure = (await play('payment-manager-coinbase').catch((error: unknown) => error)) as {
    code: number
    stderr: string
  }
  expect(failure.code).toBe(1)
  expect(failure.stderr).toMatch(/was not made: payment connector \S+ is CREATE_FAILED; nothing is/)
  await play('payment-manager-coinbase') // the names are free again
}, 30_000)

test('Privy: managers made one after the other share a provider', async () => {
  await play('payment-manager-privy', 'first')
  const first = env['PAYMENT_MANAGER_ARN']
  await play('payment-manager-privy', 'second')
  expect(env['PAYMENT_MANAGER_ARN']).not.toBe(first)
  const made = service.calls.filter(({ operation }) => operation?.startsWith('Create'))
  expect(made.map(({ operation }) => operation)).toEqual([
    'CreatePaymentCredentialProvider',
    'CreatePaymentManager',
    'CreatePaymentConnector',
    'CreatePaymentManager',
    'CreatePaymentConnector',
  ])
}, 30_000)

test('Quick Create: somebody consents, once asked, and the connector is READY', async () => {
  Object.assign(process.env, env)
  const { create } = await import('../../examples/payment-manager-quick-create.js')
  const asked: string[] = []
  const made = await create('research', async (authorizationUrl) => {
    asked.push(authorizationUrl)
    await (await fetch(authorizationUrl)).text()
  })
  expect(asked).toHaveLength(1)
  expect(made.paymentConnector.status).toBe('READY')
})

test('sessions and wallets: what is left to do and to spend, as it changes', async () => {
  const { paymentManagerArn, paymentConnectorId } = service.addManager()
  const ids = { PAYMENT_MANAGER_ARN: paymentManagerArn, PAYMENT_CONNECTOR_ID: paymentConnectorId }
  Object.assign(process.env, env, ids)
  const { create, nextSteps } = await import('../../examples/payment-instruments.js')
  const wallet = await create('ETHEREUM')
  await (await fetch(String(wallet.redirectUrl))).text()
  expect(await nextSteps(wallet)).toHaveLength(2)
  service.fund(wallet.paymentInstrumentId, 1n)
  expect(await nextSteps(wallet)).toHaveLength(1)
  const { close, left, open } = await import('../../examples/payment-session.js')
  const session = await open('1.00', 15)
  expect(await left(session)).toMatch(/^1\.00 USD for 1[45] minutes$/)
  await close(session)
  expect(await left(session)).toBe('nothing: there is no such session')
})
