import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inspectText } from '../../../src/cli/inspect/inspect-text.js'
import { HTTPFacilitatorClient, Payments, requiresPayment } from '../../../src/index.js'
import { payerOf } from '../../../src/client/index.js'
import { startLocal, type Local } from '../../../src/local/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import type { Challenge } from '../../../src/wire/x402-challenge.js'
import { privateKeyToAccount } from 'viem/accounts'
import { facts, linesOf, only, type Json } from './support/samples.js'
import { everything, partsOf } from './support/shown.js'

/** What a seller of this package and its local stack wrote, as people paste it. */
const pasted = { unpaid: '', paid: '', paidByPlan: '', failed: '', payment: '', token: '', key: '' }
let local: Local

interface HttpAnswer {
  statusCode: number
  headers: Record<string, string>
  body: string
}

beforeAll(async () => {
  local = await startLocal({ port: 0, x402: { chain: false } })
  const { x402, planId, nvmApiKey, sellerAddress: payTo } = local
  const { address: asset, name, version } = x402.asset
  const handler = requiresPayment(
    (event) => {
      if (JSON.stringify(event).includes('fail')) throw new Error('no')
      return { content: [{ type: 'text', text: 'hi' }] }
    },
    {
      payments: Payments.getInstance({ nvmApiKey, backendUrl: local.url }),
      facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
      ...{ planId, credits: 2, network: x402.network, payTo },
      price: { asset, amount: '10000', extra: { name, version } },
    },
  ) as unknown as (event: unknown) => Promise<HttpAnswer>
  const call = async (headers: object, args: object = {}): Promise<string> => {
    const answer = await handler(callOf(headers, args))
    const lines = Object.entries(answer.headers).map(([key, value]) => `${key}: ${value}`)
    return [`HTTP/1.1 ${answer.statusCode} OK`, ...lines, '', answer.body].join('\r\n')
  }
  pasted.unpaid = await call({})
  const challenge = JSON.parse(pasted.unpaid.split('\r\n\r\n')[1] ?? '') as {
    result: { structuredContent: Challenge }
  }
  const asked = challenge.result.structuredContent
  const requirement = asked.accepts.find(({ scheme }) => scheme === 'exact')
  if (requirement === undefined) throw new Error('it is not sold for money')
  const pay = payerOf(privateKeyToAccount(x402.buyer.privateKey))
  const { meta } = await pay(asked, { requirement })
  pasted.payment = encodeHeader(meta?.['x402/payment'])
  pasted.token = local.accessToken()
  pasted.key = local.subscriberApiKey
  pasted.paid = await call({ 'payment-signature': pasted.payment })
  pasted.paidByPlan = await call({ 'payment-signature': pasted.token })
  pasted.failed = await call({ 'payment-signature': local.accessToken() }, { fail: true })
}, 30_000)
afterAll(() => local.close())

function callOf(headers: object, args: object): Json {
  const params = { name: 'quote', arguments: args }
  return {
    version: '2.0',
    ...{ rawPath: '/mcp', rawQueryString: '', isBase64Encoded: false },
    headers: { 'content-type': 'application/json', ...headers },
    requestContext: { http: { method: 'POST', path: '/mcp' }, domainName: 'shop.example' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  }
}

/** Kind, version and place of everything in a text. */
function whatIsIn(text: string): string[] {
  const { found } = inspectText(text, Date.now())
  return found.map(({ kind, version, carrier }) => `${kind} ${version ?? '-'} ${carrier}`.trim())
}

test('an unpaid answer as curl prints it has the challenge of v2 and that of v1', () => {
  const { found } = inspectText(pasted.unpaid, Date.now())
  expect(whatIsIn(pasted.unpaid)).toEqual([
    'challenge 2 the header payment-required',
    'challenge 1 body',
  ])
  expect(found.flatMap(({ findings }) => findings)).toEqual([])
  const [v2, v1] = found
  expect(v2?.alsoIn).toEqual([
    'body.result.structuredContent',
    'body.result.content[0].text',
    'body.result.content[1].text, PAYMENT_REQUIRED.body',
    'body.result._meta["x402/error"]',
  ])
  expect(v2?.rows).toContainEqual(['Credits', '2 credits'])
  expect(v2?.rows).toContainEqual(['Amount', '10000 = 0.01 USDC'])
  expect(v2?.rows).toContainEqual(['Plan', local.planId])
  expect(v1?.rows).toContainEqual(['Network', 'base-sepolia (eip155:84532)'])
  // The rest of the message is not part of the challenge of v1.
  expect(Object.keys(v1?.decoded as object).sort()).toEqual(['accepts', 'x402Version'])
})

test('a paid answer has a receipt, which is shown once', () => {
  const inspected = only(pasted.paid)
  expect(inspected.carrier).toBe('the header payment-response')
  expect(inspected.alsoIn).toEqual([
    'body.result._meta.x402',
    'body.result._meta["x402/payment-response"]',
  ])
  expect(facts(inspected)).toMatchObject({
    Paid: 'yes, as it says itself. The chain was not asked',
    Network: 'eip155:84532 (base-sepolia)',
  })
  expect(facts(only(pasted.paidByPlan))).toMatchObject({ Credits: '2 credits', Billing: 'credits' })
})

test('the refusal of a seller says whether money moved', () => {
  const inspected = only(pasted.failed)
  expect(inspected.kind).toBe('seller_answer')
  expect(facts(inspected)).toEqual({
    Says: 'The tool failed. You were not charged.',
    Charged: 'no',
  })
})

test.each<[what: string, text: () => string, carrier: string]>([
  ['alone', () => pasted.payment, ''],
  ['in quotes', () => `"${pasted.payment}"`, ''],
  ['in single quotes', () => `'${pasted.payment}'`, ''],
  ['over several lines', () => pasted.payment.replace(/.{76}/g, '$&\n'), ''],
  [
    'over several lines of a header',
    () => `payment-signature: ${pasted.payment.replace(/.{76}/g, '$&\r\n  ')}`,
    'the header payment-signature',
  ],
  ['without padding', () => pasted.payment.replace(/=+$/, ''), ''],
  ['URL-encoded', () => encodeURIComponent(pasted.payment), ''],
  ['in base64 twice', () => Buffer.from(pasted.payment).toString('base64'), ''],
  ['in a log line', () => `2026-11-30 INFO payment=${pasted.payment} ms=12`, ''],
  ['in a line of JSON', () => `INFO {"level":30,"payment":"${pasted.payment}"} done`, 'payment'],
  [
    'as curl is called',
    () => `curl -i -H "PAYMENT-SIGNATURE: ${pasted.payment}" https://shop.example`,
    'the header payment-signature',
  ],
  [
    'as curl -v shows it',
    () => `> POST /mcp HTTP/2\r\n> Payment-Signature: ${pasted.payment}\r\n> accept: */*`,
    'the header payment-signature',
  ],
  [
    'in code',
    () => `fetch(url, { headers: { 'payment-signature': '${pasted.payment}' } })`,
    'the header payment-signature',
  ],
  ['in Authorization', () => `Authorization: Bearer ${pasted.payment}`, 'the header authorization'],
  [
    'in an event of a Lambda',
    () => JSON.stringify(callOf({ 'payment-signature': pasted.payment }, {})),
    'headers["payment-signature"]',
  ],
  [
    'in _meta as text',
    () => JSON.stringify({ params: { _meta: { 'x402/payment': pasted.payment } } }),
    'params._meta["x402/payment"]',
  ],
  [
    'in the arguments',
    () =>
      JSON.stringify({
        params: { arguments: { headers: { 'PAYMENT-SIGNATURE': pasted.payment } } },
      }),
    'params.arguments.headers["PAYMENT-SIGNATURE"]',
  ],
  [
    'in what a facilitator is asked',
    () =>
      JSON.stringify({
        x402Version: 2,
        paymentPayload: JSON.parse(Buffer.from(pasted.payment, 'base64').toString()) as unknown,
      }),
    'paymentPayload',
  ],
  [
    'in what Nevermined is asked',
    () => JSON.stringify({ x402AccessToken: pasted.payment, maxAmount: '2' }),
    'x402AccessToken',
  ],
  [
    'in a stream',
    () =>
      `event: message\ndata: {"jsonrpc":"2.0","params":{"_meta":{"x402/payment":"${pasted.payment}"}}}\n\n`,
    'params._meta["x402/payment"]',
  ],
  ['as a JSON text', () => JSON.stringify(pasted.payment), ''],
])('a payment is found %s', (_, text, carrier) => {
  expect(whatIsIn(text())).toEqual([`payment 2 ${carrier}`.trim()])
})

test('a token of Nevermined says what it is good for', () => {
  const inspected = only(`payment-signature: ${pasted.token}`)
  expect(inspected.title).toBe('x402 v2 payment: access token of Nevermined, version 2')
  expect(facts(inspected)).toMatchObject({
    Plan: local.planId,
    Payer: local.subscriberAddress,
    'Good for': 'many calls: it is reusable, so keep it secret',
  })
  expect(inspected.findings).toEqual([])
  const single = only(local.accessToken({ version: 3 }))
  expect(facts(single)['Good for']).toBe('one call: it is single-use')
})

test('the event of a Gateway holds a payment', () => {
  expect(whatIsIn(JSON.stringify(local.paidEvent('quote')))).toEqual([
    expect.stringMatching(/^payment 2 mcp\.gatewayRequest\./),
  ])
})

test.each<[what: string, text: () => string]>([
  ['alone', () => pasted.key],
  ['in a file of variables', () => `# keys\nNVM_API_KEY=${pasted.key}\nPORT=1`],
  ['in Authorization', () => `Authorization: Bearer ${pasted.key}`],
  ['in JSON', () => JSON.stringify({ env: { NVM_API_KEY: pasted.key } })],
])('an API key is told %s, and never printed', (_, text) => {
  const inspected = only(text())
  expect(inspected.title).toBe('Nevermined API key')
  expect(facts(inspected)).toMatchObject({
    Environment: 'local (a local stack)',
    Account: local.subscriberAddress,
  })
})

test('a key where a payment belongs has to be revoked', () => {
  const { findings } = only(`payment-signature: ${pasted.key}`)
  expect(linesOf(findings)).toEqual([
    'fail : An API key is in the header payment-signature, where a payment belongs.',
  ])
})

test('no signature, token or key goes out, whatever is pasted', () => {
  const { payload } = JSON.parse(Buffer.from(pasted.payment, 'base64').toString()) as {
    payload: { signature: string }
  }
  const secrets = [payload.signature, pasted.payment, pasted.token, pasted.key].flatMap(partsOf)
  expect(secrets.length).toBeGreaterThanOrEqual(5)
  const texts = [
    ...Object.values(pasted),
    Object.values(pasted).join('\n'),
    JSON.stringify(pasted),
    `payment-signature: ${pasted.key}`,
    `payment-signature: ${pasted.payment.slice(0, -40)}`,
    `x-payment: ${pasted.token}`,
    JSON.stringify({ x402Version: 2, accepts: [{ scheme: payload.signature, payTo: pasted.key }] }),
    JSON.stringify({ success: false, errorReason: `bad ${payload.signature} of ${pasted.key}` }),
    JSON.stringify({ x402Version: 2, accepted: {}, payload: pasted.key, [pasted.token]: 1 }),
    JSON.stringify({ isValid: false, invalidReason: pasted.token, payer: pasted.key }),
    JSON.stringify({ code: 'BCK.X402.0005', message: `token ${pasted.token}` }),
  ]
  for (const text of texts) {
    const out = everything(inspectText(text, Date.now()))
    expect(secrets.filter((secret) => out.includes(secret))).toEqual([])
  }
})
