import { expect, test } from '@jest/globals'
import type { InterceptorStore } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { COME_BACK, NO_STORE, PRIVATE } from '../../support/caching.js'
import {
  bothHttpPhases,
  memoryStore,
  type HttpAnswer,
  type HttpPlay,
  type HttpRequest,
} from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'
import { amounts, asked } from '../../support/recorded.js'
import { recordingLogger, stack } from '../../support/seller.js'

/** One paid request through both phases, unless the options say otherwise. */
async function buy(
  request: HttpRequest = {},
  answer: HttpAnswer = { body: 'Hello!' },
  { options = {}, ...play }: HttpPlay & { options?: object } = {},
) {
  const local = await stack()
  const store = memoryStore()
  const handle = intercept(local, { store, ...options })
  const paid = { token: local.accessToken(), ...request }
  const played = await bothHttpPhases(handle, paid, () => answer, play)
  return { local, store, handle, ...played }
}

/** Added to the headers of what is paid for. */
const RECEIPTED = { 'payment-response': expect.any(String), ...PRIVATE }

function expectNobodyCharged(local: Local): void {
  expect(local.ledger.settlements).toEqual([])
  expect(local.balance()).toBe(100n)
}

test('an unpaid request is answered with HTTP 402 and never reaches the target', async () => {
  const { got, forwarded, local, outputs } = await buy({ token: undefined })
  const challenge = {
    x402Version: 2,
    resource: { url: '/hello' },
    accepts: [
      {
        scheme: 'nvm:erc4337',
        network: 'eip155:84532',
        planId: local.planId,
        extra: { version: '1', httpVerb: 'POST' },
      },
    ],
    extensions: { 'agentcore-x402/credits': { info: { credits: '1' } } },
    error: 'payment required',
  }
  expect(outputs).toEqual([
    {
      interceptorOutputVersion: '1.0',
      http: {
        transformedGatewayResponse: {
          statusCode: 402,
          headers: {
            'Content-Type': 'application/json',
            'payment-required': expect.any(String),
            ...NO_STORE,
          },
          body: Buffer.from(JSON.stringify(challenge)).toString('base64'),
          contentType: 'application/json',
        },
      },
    },
  ])
  expect(decodeHeader(got.headers['payment-required'] ?? '')).toEqual(challenge)
  expect(forwarded).toBeUndefined()
  expectNobodyCharged(local)
})

test('a paid request is forwarded without payment, settled once and receipted', async () => {
  const body = Buffer.from([0, 255, 254, 13, 10, 0, 128])
  const { got, forwarded, local } = await buy({ body, headers: { 'X-User': 'me', Host: 'h' } })
  expect(forwarded).toEqual({
    headers: { Accept: '*/*', 'X-User': 'me' },
    body: body.toString('base64'),
  })
  expect(got).toMatchObject({ status: 200, body: Buffer.from('Hello!') })
  expect(decodeHeader(got.headers['payment-response'] ?? '')).toMatchObject({
    success: true,
    creditsRedeemed: '1',
    payer: local.subscriberAddress,
  })
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
  expect(local.balance()).toBe(99n)
})

test.each([
  ['public, max-age=60', 'private, max-age=60'],
  ['s-maxage=60,max-age=5, Public', 'private, max-age=5'],
  ['PUBLIC', 'private'],
  ['', 'private'],
  ['no-cache', 'private, no-cache'],
  ['max-age=60, private', 'max-age=60, private'],
  ['no-store', 'no-store'],
  ['private="x-user", max-age=1', 'private, private="x-user", max-age=1'],
])('a target that lets caches keep what was paid as "%s" says "%s"', async (given, said) => {
  const { got } = await buy({}, { body: 'Hello!', headers: { 'cache-control': given } })
  expect(got.headers).toEqual({ ...RECEIPTED, 'Cache-Control': said })
})

test('what a target says of caches stands where nothing was paid', async () => {
  const headers = { 'cache-control': 'public, max-age=60' }
  const failed = await buy({}, { status: 404, headers })
  const tools = { '/hello': 'free' as const }
  const free = await buy({}, { headers }, { options: { tools, planId: 'plan-1' } })
  expect([failed.got.headers, free.got.headers]).toEqual([headers, headers])
})

test('an MCP client is refused with 402 too: what is sold here is HTTP', async () => {
  const headers = { Accept: 'application/json, text/event-stream' }
  const { got } = await buy({ token: undefined, headers })
  expect(got.status).toBe(402)
})

test.each<[string, Buffer | string, Record<string, string>]>([
  ['binary', Buffer.from([0x1f, 0x8b, 0, 255, 254, 0xc3, 0x28]), { 'content-encoding': 'gzip' }],
  ['empty', '', { 'x-total': '3' }],
  ['JSON', '{ "a": 1.0 }\n', { 'content-type': 'application/json', etag: '"1"' }],
  ['a JSON-RPC answer', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}', {}],
  ['a JSON-RPC request', '{"jsonrpc":"2.0","id":1,"method":"ping"}', {}],
  ['an event stream', 'data: {"result": {}}\n\n', { 'content-type': 'text/event-stream' }],
])('a body that is %s goes out untouched, with a receipt beside it', async (_, body, headers) => {
  const { got, local, outputs } = await buy({}, { body, headers: { ...headers, server: 's' } })
  expect(got.body).toEqual(Buffer.from(body))
  expect(got.headers).toEqual({ ...headers, server: 's', ...RECEIPTED })
  expect(outputs.at(-1)).toEqual({
    interceptorOutputVersion: '1.0',
    http: { transformedGatewayResponse: { statusCode: 200, headers: got.headers } },
  })
  expect(local.balance()).toBe(99n)
})

test('a body the phase is not shown is paid for all the same', async () => {
  const { got, local } = await buy({}, { body: 'secret', isBodyHidden: true, headers: null })
  expect(got.body.toString()).toBe('secret')
  expect(got.headers).toEqual(RECEIPTED)
  expect(local.balance()).toBe(99n)
})

test.each([200, 201, 204, 206, 301, 302, 304, 399])(
  'status %i delivers, and is charged',
  async (status) => {
    const { got, local } = await buy({}, { status, headers: { location: '/there' } })
    expect(got.status).toBe(status)
    expect(got.headers).toEqual({ location: '/there', ...RECEIPTED })
    expect(local.balance()).toBe(99n)
  },
)

test.each([400, 401, 404, 429, 500, 503])(
  'status %i goes out as it is, and is not charged',
  async (status) => {
    const { got, local, outputs } = await buy({}, { status, body: 'no such thing' })
    expect(outputs.at(-1)).toEqual({ interceptorOutputVersion: '1.0', http: {} })
    expect(got).toMatchObject({ status, body: Buffer.from('no such thing') })
    expectNobodyCharged(local)
  },
)

test('an error is charged where the seller says so', async () => {
  const { local } = await buy({}, { status: 500 }, { options: { chargeOnError: true } })
  expect(local.balance()).toBe(99n)
})

test.each<[string, object, HttpAnswer, bigint]>([
  [
    'less in a header',
    { creditsFrom: ['header'] },
    { headers: { 'X-Credits-To-Charge': '2' } },
    2n,
  ],
  [
    'more in a header',
    { creditsFrom: ['header'] },
    { headers: { 'x-credits-to-charge': '999' } },
    5n,
  ],
  ['less in the body', { creditsFrom: ['body'] }, { body: '{"creditsToCharge":2}' }, 2n],
  ['more in the body', { creditsFrom: ['body'] }, { body: '{"creditsToCharge":999}' }, 5n],
  ['nothing in the body', { creditsFrom: ['body'] }, { body: '{"creditsToCharge":0}' }, 0n],
  ['text in the body', { creditsFrom: ['body'] }, { body: '{"creditsToCharge":"2"}' }, 5n],
  ['something in a body nobody reads', {}, { body: '{"creditsToCharge":2}' }, 5n],
  ['something in a header nobody reads', {}, { headers: { 'x-credits-to-charge': '2' } }, 5n],
  ['less in the meta data', {}, { body: '{"_meta":{"creditsToCharge":2}}' }, 2n],
])('a target that wants %s is paid what was verified at most', async (_, more, answer, burned) => {
  const { local } = await buy({}, answer, { options: { credits: 5, ...more } })
  expect(local.balance()).toBe(100n - burned)
  expect(amounts(local).verify).toEqual(['5'])
})

test('a target that sends receipts and challenges of its own does not get them through', async () => {
  const headers = { 'Payment-Response': 'forged', 'PAYMENT-REQUIRED': 'forged', 'x-ok': '1' }
  const { got } = await buy({}, { body: 'Hello!', headers })
  expect(JSON.stringify(got.headers)).not.toContain('forged')
  expect(got.headers).toMatchObject({ 'x-ok': '1' })
})

test('the same response handed over again is settled once and receipted again', async () => {
  const { got, gots, local } = await buy({}, undefined, { responses: 3 })
  expect(gots).toEqual([got, got, got])
  expect(got.headers['payment-response']).toBeDefined()
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
})

test('settle names the request id of verify', async () => {
  const { local } = await buy()
  const [verified] = asked(local, 'verify')
  const [settled] = asked(local, 'settle')
  expect(settled?.agentRequestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(settled?.paymentRequired).toEqual(verified?.paymentRequired)
})

test.each<[string, 'refuse' | 'lost-answer', number, bigint]>([
  ['refused', 'refuse', 402, 0n],
  ['without a known outcome', 'lost-answer', 503, 1n],
])('a response whose settlement is %s is withheld', async (_, kind, status, burned) => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind })
  const handle = intercept(local, { store: memoryStore() })
  const { got } = await bothHttpPhases(handle, { token: local.accessToken() })
  expect(got.status).toBe(status)
  expect(got.body.toString()).not.toContain('Hello!')
  expect(got.headers['payment-required'] === undefined).toBe(status !== 402)
  expect(got.headers).toMatchObject(status === 503 ? COME_BACK : NO_STORE)
  expect(local.balance()).toBe(100n - burned)
})

test('no payment and no seal is in anything that is logged or forwarded', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const store: InterceptorStore = {
    ...memoryStore(),
    take: () => Promise.reject(new Error('gone')),
  }
  const token = local.accessToken()
  const handle = intercept(local, { store, logger })
  const { forwarded, outputs } = await bothHttpPhases(handle, { token })
  expect(logger.lines).toMatchObject([
    { level: 'error', message: 'the store failed' },
    { level: 'error', message: expect.stringContaining('nothing is known of its request') },
  ])
  expect(JSON.stringify([forwarded, outputs, logger.lines])).not.toContain(token)
})
