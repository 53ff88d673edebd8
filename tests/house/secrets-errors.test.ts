import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger'
import { afterAll, expect, jest, test } from '@jest/globals'
import {
  Payments,
  requiresPayment,
  type Facilitator,
  type PaymentError,
  type VerifyPermissionsParams,
} from '../../src/index.js'
import type { Fault, Local } from '../../src/local/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { leaks, printed, recorder, secretsOf, secretsOfToken } from '../support/secrets.js'
import { eventOf, hello, recordingLogger, silent, stack, toolCall } from '../support/seller.js'

const CALLDATA = `0xa9059cbb${'00c7f3e1'.repeat(16)}`
const STUBBED = { planId: 'plan-1', scheme: 'nvm:erc4337', network: 'eip155:84532' }

type Quoting = (secret: string) => unknown

const failed = (message: string, fields: object) => Object.assign(new Error(message), fields)

/** How errors of the outside can quote what it was sent. */
const QUOTING: [string, Quoting][] = [
  ['an error with it as message', (secret) => new Error(`request failed: ${secret}`)],
  ['a refusal with it as message', (secret) => failed(secret, { code: 'BCK.X402.0005' })],
  ['an error with it as code', (secret) => failed('failed', { code: secret })],
  ['an error with it inside its code', (secret) => failed('', { code: `BCK.X402.0005 ${secret}` })],
  ['an error with it as cause', (secret) => new Error('failed', { cause: new Error(secret) })],
  [
    'an error with the request attached',
    (secret) => failed('failed', { config: { headers: { Authorization: secret }, data: secret } }),
  ],
  ['several errors', (secret) => new AggregateError([new Error(secret)], secret)],
  ['a plain text', (secret) => secret],
  ['an object', (secret) => ({ message: secret, code: secret })],
]

/** A facilitator that gives one answer at verify or settle, and a good one elsewhere. */
function stub(at: 'verify' | 'settle', answer: () => unknown): Facilitator {
  const settled = { success: true, creditsRedeemed: '1' }
  return {
    verifyPermissions: async () => (at === 'verify' ? answer() : { isValid: true }),
    settlePermissions: async () => (at === 'settle' ? answer() : settled),
  }
}

const raise = (thrown: unknown) => () => {
  throw thrown
}

const paidWith = (token: string) => eventOf(toolCall('T___hello'), { 'payment-signature': token })

function secretsAnd(local: Local, token: string) {
  return [...secretsOf(local, token), { name: 'calldata', value: CALLDATA }]
}

const STAGES = ['verify', 'settle'] as const
const STAGES_QUOTING = STAGES.flatMap((at) =>
  QUOTING.map(([what, quoting]) => [at, what, quoting] as const),
)

test.each(STAGES_QUOTING)(
  'nothing secret is answered or logged when %s throws %s',
  async (at, _, quoting) => {
    const local = await stack()
    const token = local.accessToken()
    for (const secret of [token, local.nvmApiKey, CALLDATA, JSON.stringify(decodeHeader(token))]) {
      const logger = recordingLogger()
      const facilitator = stub(at, raise(quoting(secret)))
      const handler = requiresPayment(hello, { ...STUBBED, facilitator, logger })
      const output = await handler(paidWith(token))
      expect(logger.lines.length).toBeGreaterThan(0)
      expect(leaks([output, logger.lines], secretsAnd(local, token))).toEqual([])
    }
  },
)

test.each(STAGES)(
  'the error a hook gets shows nothing secret of what %s threw, however it is printed',
  async (at) => {
    const local = await stack()
    const token = local.accessToken()
    const given: PaymentError[] = []
    for (const [, quoting] of QUOTING) {
      const handler = requiresPayment(hello, {
        ...STUBBED,
        facilitator: stub(at, raise(quoting(token))),
        logger: silent,
        onPaymentError: (error) => void given.push(error),
      })
      await handler(paidWith(token))
    }
    expect(given).toHaveLength(QUOTING.length)
    expect(leaks(given, secretsOf(local, token))).toEqual([])
  },
)

test.each(STAGES)('a reason of %s that quotes secrets is replaced', async (at) => {
  const local = await stack()
  const token = local.accessToken()
  const [signature] = secretsOfToken(token)
  const quotes = [
    ...[token, token.slice(-40), encodeURIComponent(token), signature?.value.slice(0, 30)],
    ...[local.nvmApiKey, local.nvmApiKey.slice(-30), CALLDATA],
  ]
  for (const quote of quotes) {
    const { logger, hooks, everything } = recorder()
    const reason = `cannot use ${quote ?? ''}`
    const answer = { isValid: false, success: false, invalidReason: reason, errorReason: reason }
    const facilitator = stub(at, () => answer)
    const handler = requiresPayment(hello, { ...STUBBED, facilitator, logger, ...hooks })
    const output = await handler(paidWith(token))
    expect(printed(everything())).toContain(`${at === 'verify' ? 'payment' : 'settlement'} refused`)
    expect(leaks([output, everything()], secretsAnd(local, token))).toEqual([])
  }
})

test.each(QUOTING)(
  'nothing secret is answered or logged when a plan look-up throws %s',
  async (_, quoting) => {
    const local = await stack()
    const token = local.accessToken()
    const logger = recordingLogger()
    const payments = {
      facilitator: stub('verify', () => ({ isValid: true })),
      plans: { getPlan: async () => raise(quoting(`${local.nvmApiKey} ${token}`))() },
    }
    const handler = requiresPayment(hello, { planId: 'plan-1', payments, logger })
    const output = await handler(paidWith(token))
    expect(logger.lines).toHaveLength(1)
    expect(leaks([output, logger.lines], secretsOf(local, token))).toEqual([])
  },
)

test('the error a hook gets shows nothing secret of what a plan look-up threw', async () => {
  const local = await stack()
  const given: PaymentError[] = []
  for (const [, quoting] of QUOTING) {
    const payments = {
      facilitator: stub('verify', () => ({ isValid: true })),
      plans: { getPlan: async () => raise(quoting(local.nvmApiKey))() },
    }
    const onPaymentError = (error: PaymentError) => void given.push(error)
    const options = { planId: 'plan-1', payments, logger: silent, onPaymentError }
    await requiresPayment(hello, options)(paidWith(local.accessToken()))
  }
  expect(given).toHaveLength(QUOTING.length)
  expect(leaks(given, secretsOf(local))).toEqual([])
})

test('what else the facilitator answers with reaches neither handler, log nor buyer', async () => {
  const local = await stack()
  const token = local.accessToken()
  const { logger, watch, everything } = recorder()
  const echoed = { token, key: local.nvmApiKey, headers: { authorization: local.nvmApiKey } }
  const answer = { isValid: true, success: true, creditsRedeemed: '1', ...echoed }
  const facilitator = {
    verifyPermissions: async () => answer,
    settlePermissions: async () => answer,
  }
  const handler = requiresPayment(watch(hello), { ...STUBBED, facilitator, logger })
  const output = await handler(paidWith(token))
  expect(printed(output)).toContain('Hello!')
  expect(leaks([output, everything()], secretsOf(local, token))).toEqual([])
})

/** Runs `work` and returns what was written to the output of the process meanwhile. */
async function captured(work: () => Promise<unknown>): Promise<string> {
  const written: string[] = []
  const write = (...chunks: unknown[]) => written.push(chunks.map((one) => inspect(one)).join(' '))
  const taken = (chunk: unknown) => write(String(chunk)) > 0
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(taken),
    jest.spyOn(process.stderr, 'write').mockImplementation(taken),
    ...(['debug', 'info', 'log', 'warn', 'error'] as const).map((level) =>
      jest.spyOn(console, level).mockImplementation((...args) => void write(...args)),
    ),
  ]
  try {
    await work()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return written.join('\n')
}

test('nothing secret is written by the default logger', async () => {
  const local = await stack()
  const token = local.accessToken()
  const text = await captured(async () => {
    for (const [at, , quoting] of STAGES_QUOTING) {
      const facilitator = stub(at, raise(quoting(`${token} ${local.nvmApiKey}`)))
      await requiresPayment(hello, { ...STUBBED, facilitator })(paidWith(token))
    }
  })
  expect(text).toContain('payments unavailable')
  expect(text).toContain('settlement outcome unknown')
  expect(leaks(text, secretsOf(local, token))).toEqual([])
})

test('nothing secret is written when a hook logs its error through Powertools', async () => {
  const local = await stack()
  const token = local.accessToken()
  const text = await captured(async () => {
    const logger = new PowertoolsLogger({ serviceName: 'seller' })
    const handler = requiresPayment(hello, {
      ...STUBBED,
      facilitator: stub('verify', raise(new Error(`bad ${token}`))),
      logger: silent,
      onPaymentError: (error) => logger.error('payment failed', error),
    })
    await handler(paidWith(token))
  })
  expect(text).toContain('payment failed')
  expect(leaks(text, secretsOf(local, token))).toEqual([])
})

/** A backend that answers `/<status>/…` with everything it was sent. */
const echo = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const sent = `${request.headers.authorization ?? ''} ${Buffer.concat(chunks).toString()}`
    const fields = ['code', 'message', 'correlationId', 'retryable', 'isValid', 'balance']
    response.writeHead(Number(request.url?.split('/')[1]), { 'content-type': 'application/json' })
    response.end(JSON.stringify(Object.fromEntries(fields.map((name) => [name, sent]))))
  })
})
const echoing = new Promise<string>((resolve) => {
  echo.listen(0, '127.0.0.1', () => {
    resolve(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`)
  })
})
afterAll(() => void echo.close())

/** What a call threw. */
async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call()
  } catch (thrown) {
    if (thrown instanceof Error) return thrown
  }
  throw new Error('the call threw no error')
}

function everyCall(payments: Payments, token: string): (() => Promise<unknown>)[] {
  const paymentRequired = { x402Version: 2, resource: { url: 'x' }, accepts: [], extensions: {} }
  const params = { paymentRequired, x402AccessToken: token } as unknown as VerifyPermissionsParams
  return [
    () => payments.facilitator.verifyPermissions(params),
    () => payments.facilitator.settlePermissions(params),
    () => payments.plans.getPlanBalance('plan-1'),
    () => payments.x402.getX402AccessToken('plan-1', token),
  ]
}

test.each([200, 302, 400, 401, 402, 404, 429, 500, 503])(
  'errors of Payments show neither key nor token when the backend answers %i and quotes both',
  async (status) => {
    const local = await stack()
    const token = local.accessToken()
    const backendUrl = `${await echoing}/${status}`
    const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl })
    const errors = await Promise.all(everyCall(payments, token).map(errorOf))
    expect(leaks(errors, secretsOf(local, token))).toEqual([])
  },
)

test.each<[string, Fault]>([
  ['breaks the connection', { kind: 'reset', times: 9 }],
  ['answers with an error page', { kind: 'html', times: 9 }],
  ['answers with half a JSON', { kind: 'garbage', times: 9 }],
  ['refuses the key', { kind: 'error', status: 401, code: 'BCK.APIKEY.0004', times: 9 }],
])('errors of Payments show neither key nor token when the backend %s', async (_, fault) => {
  const local = await stack()
  const token = local.accessToken()
  local.faults.set(fault)
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const errors = await Promise.all(everyCall(payments, token).map(errorOf))
  expect(leaks(errors, secretsOf(local, token))).toEqual([])
})

test.each<[string, (key: string) => object]>([
  ['is no key', (key) => ({ nvmApiKey: key.split('.')[2] })],
  ['stands where the URL belongs', (key) => ({ nvmApiKey: key, backendUrl: key })],
  ['stands where the environment belongs', (key) => ({ nvmApiKey: key, environment: key })],
])('the error about a key that %s does not quote it', async (_, optionsFor) => {
  const local = await stack()
  const options = optionsFor(local.nvmApiKey) as { nvmApiKey: string }
  const error = await errorOf(() => Payments.getInstance(options))
  expect(leaks(error, secretsOf(local))).toEqual([])
})

test('a Payments instance that is printed shows no key', async () => {
  const local = await stack()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  await payments.plans.getPlan(local.planId)
  expect(printed(payments)).toContain(payments.accountAddress)
  expect(leaks(payments, secretsOf(local))).toEqual([])
})
