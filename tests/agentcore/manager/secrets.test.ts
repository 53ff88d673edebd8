import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { PaymentManager, type PaymentManagerOptions } from '../../../src/agentcore/index.js'
import type { PaymentsFault } from '../../../src/local/agentcore/index.js'
import { publicReason, redacted } from '../../../src/errors/redact.js'
import { answering } from '../support/answering.js'
import { challengeV1, challengeV2, mpp, paying } from '../support/payment-header.js'
import { CREDENTIALS, failure, jwt, rejecting } from '../support/payment-manager.js'
import { ACCEPT } from '../../local/agentcore/support/payments-service.js'
import { leaks, type Secret } from '../../support/secrets.js'

const SIGNATURE = `0x${'7f3ac9e1'.repeat(16)}1b`
const CALLDATA = `0xe3ee160e${'00c7f3e1'.repeat(28)}`
const TOKEN = jwt('alice')
const SECRETS: Secret[] = [
  { name: 'secret key', value: CREDENTIALS.secretAccessKey },
  { name: 'session token', value: CREDENTIALS.sessionToken },
  { name: 'bearer token', value: TOKEN },
  { name: 'signature', value: SIGNATURE },
  { name: 'calldata', value: CALLDATA },
]
const ALL = SECRETS.map(({ value }) => value).join(' ')

const written: unknown[] = []
beforeAll(() => {
  for (const method of ['debug', 'info', 'log', 'warn', 'error', 'trace'] as const) {
    jest.spyOn(console, method).mockImplementation((...args) => void written.push(...args))
  }
  jest.spyOn(process, 'emitWarning').mockImplementation((...args) => void written.push(...args))
})
afterAll(() => void jest.restoreAllMocks())

/** What must not come out of a call: what was sent with it, and what came back. */
function exchanged(calls: readonly { headers: Record<string, unknown> }[]): Secret[] {
  const values = calls.map(({ headers }) => String(headers['authorization']))
  return values.map((value) => ({
    name: 'Authorization',
    value: value.replace(/.*Signature=/, ''),
  }))
}

test('the search finds what it looks for', async () => {
  const error = Object.assign(new Error('failed'), { cause: new Error(`quotes ${SIGNATURE}`) })
  expect(leaks(error, SECRETS)).toEqual(['signature'])
})

const QUOTING: [string, PaymentsFault][] = [
  ['its message', { kind: 'error', message: ALL }],
  [
    'the message of a refusal',
    { kind: 'error', name: 'ValidationException', status: 400, message: `budget ${ALL}` },
  ],
  [
    'the message of what is not found',
    { kind: 'error', name: 'ResourceNotFoundException', status: 404, message: `session ${ALL}` },
  ],
  ['its name', { kind: 'error', name: `A${SIGNATURE}`, status: 400, message: 'no' }],
  [
    'a name that is a signature',
    { kind: 'error', name: 'Qx7f3ac9e17f3ac9e17f3ac9e1', status: 400 },
  ],
]

test.each(QUOTING)('an error of AWS that quotes secrets in %s shows none', async (_, fault) => {
  const { managerWith, buyer, calls, paymentInstrumentId, paymentSessionId } = await paying()
  const manager = managerWith({ maxAttempts: 1 })
  const ids = { paymentInstrumentId, paymentSessionId }
  const attempts = [
    () => manager.createPaymentSession({ expiryTimeInMinutes: 60 }),
    () => manager.getPaymentSession({ paymentSessionId }),
    () => manager.listPaymentSessions(),
    () => manager.deletePaymentSession({ paymentSessionId }),
    () => manager.getPaymentInstrument({ paymentInstrumentId }),
    () => manager.listPaymentInstruments(),
    () =>
      manager.processPayment({
        ...ids,
        paymentType: 'CRYPTO_X402',
        paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
      }),
  ]
  for (const attempt of attempts) {
    buyer.service.faults.set({ ...fault, times: 3 })
    const error = await failure(attempt())
    buyer.service.faults.clear()
    expect(leaks(error, [...SECRETS, ...exchanged(calls())])).toEqual([])
    expect(String(error)).not.toContain('Qx7f3ac9e1')
  }
})

test.each<[string, Parameters<typeof answering>[0]]>([
  [
    'a page',
    (request, response) =>
      response.writeHead(403).end(`<html>${String(request.headers.authorization)} ${ALL}`),
  ],
  ['JSON', (request, response) => response.end(`{"a": "${String(request.headers.authorization)}`)],
  [
    'an error with more than AWS has',
    (request, response) => {
      const { authorization } = request.headers
      const fieldList = [{ name: ALL, message: authorization }]
      const body = { message: ALL, reason: ALL, fieldList, authorization, secret: ALL }
      response.writeHead(400, {
        'x-amzn-errortype': 'ValidationException',
        'x-amzn-requestid': TOKEN,
      })
      response.end(JSON.stringify(body))
    },
  ],
  [
    'a subscription that is none',
    (_, response) => {
      const subscriptionUrl = `https://aws.amazon.com/${SIGNATURE}?token=${TOKEN}`
      response.writeHead(402, { 'x-amzn-errortype': 'SubscriptionRequiredException' })
      response.end(JSON.stringify({ message: 'no', subscriptionUrl, productName: ALL }))
    },
  ],
  ['a broken connection', (request) => request.socket.destroy()],
])('%s that quotes the request shows nothing of it', async (_, listener) => {
  const sent: { headers: Record<string, unknown> }[] = []
  const { url } = await answering((request, response) => {
    sent.push({ headers: request.headers })
    listener(request, response)
  })
  const { managerWith, buyer } = await paying()
  const { paymentManagerArn } = buyer
  const bearer = new PaymentManager({ paymentManagerArn, endpoint: url, bearerToken: TOKEN })
  for (const manager of [managerWith({ endpoint: url }), bearer]) {
    const error = await failure(manager.getPaymentSession({ paymentSessionId: 'a' }))
    expect(leaks(error, [...SECRETS, ...exchanged(sent)])).toEqual([])
  }
  expect(sent.length).toBeGreaterThanOrEqual(2)
})

test.each<[string, Partial<PaymentManagerOptions>]>([
  [
    'credentials whose error quotes them',
    { credentials: rejecting(Object.assign(new Error(ALL), { name: ALL, code: 'E' + SIGNATURE })) },
  ],
  ['credentials that throw them', { credentials: rejecting(ALL) }],
  ['credentials that are nonsense', { credentials: async () => ({ accessKeyId: ALL }) as never }],
  [
    'a token provider whose error quotes the token',
    {
      credentials: undefined,
      tokenProvider: rejecting(new Error(`refused: Bearer ${TOKEN}`, { cause: new Error(TOKEN) })),
    },
  ],
  [
    'a token provider whose error holds the token',
    { credentials: undefined, tokenProvider: rejecting(Object.assign(new Error('no'), { TOKEN })) },
  ],
  [
    'a token provider that throws the token',
    { credentials: undefined, tokenProvider: rejecting(TOKEN) },
  ],
  [
    'a token that cannot be sent',
    { credentials: undefined, tokenProvider: () => `${TOKEN}\r\nx: y` },
  ],
])('%s show nothing of them', async (_, options) => {
  const { managerWith } = await paying()
  const error = await failure(managerWith(options).listPaymentSessions())
  expect(error).toBeInstanceOf(Error)
  expect(leaks(error, SECRETS)).toEqual([])
})

test('a token that is refused is not in the error', () => {
  const make = () =>
    new PaymentManager({
      paymentManagerArn:
        'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij',
      bearerToken: `${TOKEN}\n`,
    })
  expect(make).toThrow('bearerToken')
  try {
    make()
  } catch (error) {
    expect(leaks(error, SECRETS)).toEqual([])
  }
})

test('a manager that is printed shows no credentials', async () => {
  const { manager, managerWith } = await paying()
  await manager.listPaymentSessions()
  const bearer = managerWith({ credentials: undefined, bearerToken: TOKEN })
  expect(leaks([manager, manager.payer(), bearer], SECRETS)).toEqual([])
})

type Json = Record<string, unknown>

test.each<[string, object, (answer: Json) => unknown]>([
  ['a status', { body: challengeV2() }, (answer) => ({ ...answer, status: ALL })],
  [
    'a proof for somebody else',
    { body: challengeV2() },
    (answer) => ({
      ...answer,
      paymentOutput: {
        cryptoX402: {
          version: '2',
          payload: { signature: SIGNATURE, authorization: { to: ALL, value: ALL } },
        },
      },
    }),
  ],
  [
    'a proof of another version',
    { body: challengeV1() },
    (answer) => ({ ...answer, paymentOutput: { cryptoX402: { version: ALL, payload: {} } } }),
  ],
  [
    'a credential that is none',
    { headers: { 'www-authenticate': mpp() } },
    (answer) => ({ ...answer, paymentOutput: { mpp: { paymentCredential: ALL } } }),
  ],
  ['half of it', { body: challengeV2() }, () => SIGNATURE],
])('%s in the answer of AWS does not get into an error', async (_, request, edit) => {
  const { pay, buyer } = await paying()
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'edit', edit, times: 9 })
  expect(leaks(await failure(pay(request)), SECRETS)).toEqual([])
})

test.each<[string, unknown]>([
  ['body', { ...challengeV2(), x402Version: ALL }],
  ['accepts', challengeV2([{ ...ACCEPT, scheme: ALL }])],
  ['networks', challengeV2([{ ...ACCEPT, network: ALL }])],
  ['text', ALL],
])('what a seller writes into its %s does not get into an error', async (_, body) => {
  const { pay } = await paying()
  expect(leaks(await failure(pay({ body })), SECRETS)).toEqual([])
})

test('nothing was written anywhere', () => {
  expect(written).toEqual([])
})

const KEPT = [
  'Payment session payment-session-AbC123def456ghi not found.',
  "'payment-instrument-AbC123def456ghi' of arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/local-abc123def4",
  'Value at paymentInstrumentDetails.embeddedCryptoWallet.network failed: [ETHEREUM, SOLANA]',
  'User arn:aws:sts::123456789012:assumed-role/role/session is not authorized',
  'eip155:84532, base-sepolia, 10000 of 0.50 USD',
  'see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html',
  'connector local-connector-abc123def4 is CREATE_FAILED',
  'AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED',
  'ERR_HTTP2_STREAM_ERROR',
  'x402Version v2 base64url ES256',
  'short: aB3$',
]

test.each(KEPT)('a message that says "%s" is kept', (text) => {
  expect(redacted(text)).toBe(text)
})

test.each([
  ['a JWT', `Bearer ${TOKEN} is bad`, 'Bearer … is bad'],
  ['a signature', `got ${SIGNATURE}.`, 'got …'],
  ['calldata', `data=${CALLDATA}, to=a`, 'data=…, to=a'],
  ['a secret key', `key "${CREDENTIALS.secretAccessKey}"`, 'key "…"'],
  ['a key id', 'AKIAIOSFODNN7EXAMPLE', '…'],
  ['a key id without digits', 'ASIAQWERTYUIOPASDFGH', '…'],
  ['padding', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ==', '…'],
  ['a UUID', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '…'],
  ['an id with more behind it', 'payment-session-AbC123def456ghiXYZ0secret', '…'],
  ['an id with more before it', 'x7Ypayment-session-AbC123def456ghi', '…'],
  ['a key in groups', 'key 7f3ac9e1-00c7f3e1-wx4z', 'key …'],
  ['a word nobody has', 'a'.repeat(30), '…'],
  ['a number nobody has', '1'.repeat(13), '…'],
  ['lines', 'one\r\ntwo\u2028three\0', 'one two three '],
])('%s is not kept', (_, text, expected) => {
  expect(redacted(text)).toBe(expected)
})

test('a message is cut where it gets long', () => {
  expect(redacted('word '.repeat(1000))).toHaveLength(1000)
})

test('what may be sent out is what it was', () => {
  expect(publicReason('insufficient_funds')).toBe('insufficient_funds')
  expect(publicReason(SIGNATURE)).toBeUndefined()
})
