import http from 'node:http'
import { expect, test } from '@jest/globals'
import { OptionsError } from '../../../src/index.js'
import {
  createPaymentsService,
  type LocalPaymentsService,
  type PaymentsServiceOptions,
} from '../../../src/local/agentcore/index.js'
import { ACCEPT, buyer, clock, serve } from './support/payments-service.js'

const SIGNED =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/ap-south-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=00'
const USER = { 'x-amzn-bedrock-agentcore-payments-user-id': 'user-1' }
const LIST = '/payments/listPaymentSessions'

interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

async function send(
  { url }: { url: string },
  path: string,
  body: unknown,
  headers: Record<string, string> = { authorization: SIGNED, ...USER },
  method = 'POST',
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const answer = await fetch(url + path, { method, headers, ...(hasBody && { body: text }) })
  const said = await answer.text()
  const parsed = said === '' ? {} : (JSON.parse(said) as Record<string, unknown>)
  return { status: answer.status, headers: answer.headers, body: parsed }
}

/** A JWT nobody signed. */
function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.c2lnbmF0dXJl`
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('answers are JSON, named by an id, and an error says its name in a header', async () => {
  const { service, base } = await buyer()
  const good = await send(service, LIST, base)
  expect([good.status, good.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(good.headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/)
  expect(good.body).toEqual({ paymentSessions: [] })
  const bad = await send(service, LIST, {})
  expect([bad.status, bad.headers.get('x-amzn-errortype')]).toEqual([400, 'ValidationException'])
  expect(bad.headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/)
  const constraint = 'Member must not be null'
  expect(bad.body).toEqual({
    message: `1 validation error detected: Value at 'paymentManagerArn' failed to satisfy constraint: ${constraint}`,
    reason: 'FieldValidationFailed',
    fieldList: [{ name: 'paymentManagerArn', message: constraint }],
  })
})

test.each([
  ['half an object', '{"a":'],
  ['a list', '[]'],
  ['a word', '"a"'],
  ['nothing', 'null'],
  ['lists without end', '['.repeat(100_000)],
])('a body that is %s cannot be read', async (_title, body) => {
  const { service } = await serve()
  const { status, headers } = await send(service, LIST, body)
  expect([status, headers.get('x-amzn-errortype')]).toEqual([400, 'SerializationException'])
})

test('a body without end is too large', async () => {
  const { service } = await serve()
  const { status, headers } = await send(service, LIST, { a: 'a'.repeat(1024 * 1024) })
  expect([status, headers.get('x-amzn-errortype')]).toEqual([413, 'RequestEntityTooLargeException'])
})

test('a structure without end is an error, and the service goes on', async () => {
  const { service, base } = await buyer()
  const deep = `{"paymentManagerArn":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`
  expect((await send(service, LIST, deep)).status).toBeGreaterThanOrEqual(400)
  expect((await send(service, LIST, base)).status).toBe(200)
})

test.each([
  ['POST', '/payments/nothing'],
  ['POST', '/identities/GetWorkloadAccessToken'],
  ['POST', '/identities/payment/token'],
  ['GET', LIST],
  ['PUT', '/payments/managers/x-0123456789'],
  ['POST', '/payments/managers//connectors'],
  ['POST', '/payments//'],
])('%s %s is no operation', async (method, path) => {
  const { service } = await serve()
  const { status, headers, body } = await send(service, path, {}, {}, method)
  expect([status, headers.get('x-amzn-errortype')]).toEqual([404, 'UnknownOperationException'])
  expect(body).toEqual({ message: `Not served here: ${method} ${path}` })
  expect(service.calls).toMatchObject([{ operation: undefined, method, path, status: 404 }])
})

test('a path that is not well encoded cannot be read', async () => {
  const { service } = await serve()
  const { status, headers } = await send(
    service,
    '/payments/managers/%E0%A4%A',
    {},
    undefined,
    'GET',
  )
  expect([status, headers.get('x-amzn-errortype')]).toEqual([400, 'SerializationException'])
})

test.each(['/', '/mcp', '/paymentsx/y', '/wallets', '//'])(
  'a path such as %s is left to others',
  async (path) => {
    const { service } = await serve()
    const { status } = await send(service, path, {}, {}, 'GET')
    expect([status, service.calls]).toEqual([404, []])
    const mounted = createPaymentsService()
    const request = Object.assign(new http.IncomingMessage(null as never), { url: path })
    const response = new http.ServerResponse(request)
    await expect(mounted.handle(request, response)).resolves.toBe(false)
    expect(response.headersSent).toBe(false)
  },
)

test('without authorization, or with one of another kind, access is denied', async () => {
  const { service, base } = await buyer()
  for (const headers of [{}, { authorization: 'Basic dTpw' }, { authorization: 'Bearer ' }]) {
    const answer = await send(service, LIST, base, { ...USER, ...headers })
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'AccessDeniedException',
    ])
  }
})

test('a signed call without a user is told which member is missing', async () => {
  const { service, base } = await buyer()
  for (const headers of [{}, { 'x-amzn-bedrock-agentcore-payments-user-id': '' }]) {
    const { status, body } = await send(service, LIST, base, { authorization: SIGNED, ...headers })
    const fieldList = [{ name: 'userId', message: 'Member must not be null' }]
    expect([status, body]).toMatchObject([400, { fieldList }])
  }
})

test('the region of a signature is the region of what is made', async () => {
  const { service } = await serve()
  const role = 'arn:aws:iam::123456789012:role/x'
  const given = { name: 'Mine', authorizerType: 'AWS_IAM', roleArn: role }
  const there = await send(service, '/payments/managers', given)
  expect(there.body['paymentManagerArn']).toContain(':ap-south-1:')
  const odd = { authorization: 'AWS4-HMAC-SHA256 Credential=x' }
  const here = await send(service, '/payments/managers', { ...given, name: 'Yours' }, odd)
  expect(here.body['paymentManagerArn']).toContain(':us-west-2:')
})

async function bearerService(options: PaymentsServiceOptions = {}): Promise<{
  service: LocalPaymentsService
  base: { paymentManagerArn: string }
}> {
  const { service } = await serve(options)
  const { paymentManagerArn } = service.addManager('CUSTOM_JWT')
  return { service, base: { paymentManagerArn } }
}

test('the user of a bearer token is its subject, whatever a header says', async () => {
  const { service, base } = await bearerService()
  const create = '/payments/createPaymentSession'
  const body = { ...base, expiryTimeInMinutes: 15, clientToken: 'a'.repeat(33) }
  const alice = bearer(jwt({ sub: 'alice' }))
  const made = await send(service, create, body, { ...alice, ...USER })
  expect(made.body).toMatchObject({ paymentSession: { userId: 'alice' } })
  const again = await send(service, create, body, alice)
  expect(again.body).toEqual(made.body)
  const seen = await send(service, LIST, base, bearer(jwt({ sub: 'bob' })))
  expect(seen.body).toEqual({ paymentSessions: [] })
})

test('a bearer token has to be a JWT that is good, and have a subject', async () => {
  const time = clock()
  const { service, base } = await bearerService({ now: time.now })
  const exp = time.now() / 1000 + 60
  const status = async (token: string) => (await send(service, LIST, base, bearer(token))).status
  const good = jwt({ sub: 'alice', exp })
  expect(await status(good)).toBe(200)
  time.pass(60_000)
  expect(await status(good)).toBe(403)
  expect(await status('opaque')).toBe(403)
  expect(await status('a.b.c')).toBe(403)
  expect(await status(`a.${Buffer.from('[]').toString('base64url')}.c`)).toBe(403)
  const nobody = await send(service, LIST, base, bearer(jwt({ sub: 7 })))
  expect(nobody.body).toMatchObject({ fieldList: [{ name: 'userId' }] })
})

test('a manager takes the authorization it was made for', async () => {
  const { service, base } = await buyer()
  const { paymentManagerArn } = service.addManager('CUSTOM_JWT')
  const token = await send(service, LIST, base, bearer(jwt({ sub: 'alice' })))
  const signed = await send(service, LIST, { paymentManagerArn })
  for (const { status, headers, body } of [token, signed]) {
    expect([status, headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException'])
    expect(body['message']).toMatch(/^The authorizer of payment manager local/)
  }
})

test('a manager nobody knows is not found, in the words each operation has for it', async () => {
  const { service, base } = await buyer()
  const paymentManagerArn = base.paymentManagerArn.replace('us-west-2', 'eu-west-1')
  const paymentSessionId = `payment-session-${'a'.repeat(15)}`
  const found = async (path: string, body: object) => {
    const { status, headers } = await send(service, path, { paymentManagerArn, ...body })
    return [status, headers.get('x-amzn-errortype')]
  }
  expect(await found(LIST, {})).toEqual([400, 'ValidationException'])
  const get = await found('/payments/getPaymentSession', { paymentSessionId })
  expect(get).toEqual([404, 'ResourceNotFoundException'])
  const connectors = '/payments/managers/none-0123456789/connectors-list'
  expect(await found(connectors, {})).toEqual([400, 'ValidationException'])
})

test('a member that ProcessPayment does not know of is refused', async () => {
  const { service, base, paymentConnectorId, session, instrument } = await buyer()
  const answer = await send(service, '/payments/processPayment', {
    ...base,
    paymentConnectorId,
    paymentSessionId: await session(),
    paymentInstrumentId: await instrument(),
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
  })
  const fieldList = [{ name: 'paymentConnectorId', message: 'Member must be absent' }]
  expect(answer.body).toMatchObject({ fieldList })
})

test('other members nobody knows are passed over, as are those that are null', async () => {
  const { service, base } = await buyer()
  const body = { ...base, expiryTimeInMinutes: 15, limits: null, shoes: { size: 42 } }
  const made = await send(service, '/payments/createPaymentSession', body)
  expect(made.status).toBe(201)
  expect(made.body['paymentSession']).not.toHaveProperty('limits')
})

test('a Host or Origin of elsewhere is turned away', async () => {
  const { service, base } = await buyer()
  const origin = { authorization: SIGNED, ...USER, origin: 'https://evil.example' }
  expect((await send(service, LIST, base, origin)).status).toBe(403)
})

test('calls are recorded by the name of their operation', async () => {
  const { service, base } = await buyer()
  await send(service, `${LIST}?a=b`, base)
  expect(service.calls).toMatchObject([
    {
      operation: 'ListPaymentSessions',
      method: 'POST',
      path: LIST,
      headers: USER,
      body: base,
      status: 200,
    },
  ])
})

test('a port that is taken is an error', async () => {
  const { service } = await serve()
  const { startPaymentsService } = await import('../../../src/local/agentcore/index.js')
  await expect(startPaymentsService({ port: service.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

const TOKEN = {
  network: 'eip155:31337',
  asset: `0x${'1'.repeat(40)}`,
  name: 'T',
  version: '1',
  decimals: 6,
}
test.each([
  ['an option that is none', { prot: 1 }, 'prot'],
  ['a clock that is none', { now: 5 }, 'now'],
  ['a negative time', { readyAfterMs: -1 }, 'readyAfterMs'],
  ['a delay that is no number', { delayMs: NaN }, 'delayMs'],
  ['a consent that is neither', { consent: 'asked' }, 'consent'],
  ['a balance that is none', { balanceOf: 5n }, 'balanceOf'],
  ['tokens that are none', { tokens: TOKEN }, 'tokens'],
  ['a token that is none', { tokens: [undefined] }, 'tokens[0]'],
  ['a network without a chain', { tokens: [{ ...TOKEN, network: 'base' }] }, 'tokens[0].network'],
  ['an asset that is none', { tokens: [TOKEN, { ...TOKEN, asset: '0x1' }] }, 'tokens[1].asset'],
  ['no name', { tokens: [{ ...TOKEN, name: '' }] }, 'tokens[0].name'],
  ['a version that is a number', { tokens: [{ ...TOKEN, version: 2 }] }, 'tokens[0].version'],
  ['19 decimals', { tokens: [{ ...TOKEN, decimals: 19 }] }, 'tokens[0].decimals'],
])('%s is refused by name', (_title, options, option) => {
  const create = () => createPaymentsService(options as PaymentsServiceOptions)
  expect(create).toThrow(OptionsError)
  expect(create).toThrow(expect.objectContaining({ option }))
})
