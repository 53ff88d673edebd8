import type { Answers } from './other-servers.js'

const PAYEE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const offer = {
  scheme: 'exact',
  network: 'eip155:8453',
  amount: '10000',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  payTo: PAYEE,
  maxTimeoutSeconds: 60,
  extra: { name: 'USD Coin', version: '2' },
}
type Json = Record<string, unknown>

const challengeOf = (own: Json, url = 'https://other.example/quote'): Json => ({
  x402Version: 2,
  resource: { url },
  accepts: [{ ...offer, ...own }],
})
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')

/** A 402 with its challenge in the header. */
const asking =
  (own: Json): Answers[string] =>
  (_, response) =>
    response.writeHead(402, { 'payment-required': encoded(challengeOf(own)) }).end('{}')

const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answers[string] =>
  (_, response) =>
    response.writeHead(code, headers).end(body)

const json =
  (code: number, body: unknown, headers: Record<string, string> = {}): Answers[string] =>
  (_, response) =>
    response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))

const kinds = [{ x402Version: 2, scheme: 'exact', network: 'eip155:84532' }]

/** Backends, facilitators and shops with a mistake. */
export const OTHERS: Answers = {
  page: status(200, { 'content-type': 'text/html' }, '<!doctype html><p>Welcome</p>'),
  backend(request, response) {
    const { url = '' } = request
    const credits = { amount: '10', minAmount: '1', maxAmount: '5' }
    if (url.includes('/agents/88/'))
      return json(404, { code: 'BCK.PROTOCOL.0004' })(request, response)
    if (url.includes('/agents/'))
      return json(200, { total: 1, plans: [{ id: '1' }] })(request, response)
    if (url.includes('/plans/')) {
      return json(200, { id: '2', registry: { price: { isCrypto: true }, credits } })(
        request,
        response,
      )
    }
    return json(400, { code: 'BCK.X402.0010' })(request, response)
  },
  locked: json(401, { error: 'unauthorized' }),
  signing: json(200, { kinds, signers: { 'eip155:*': [PAYEE] } }),
  ahead: json(200, { kinds }, { date: new Date(Date.now() + 2 * 3_600_000).toUTCString() }),
  free: json(200, { quote: 1 }),
  moved: status(308, { location: 'https://other.example/' }),
  login: status(403),
  down: status(502),
  'in-body': json(402, challengeOf({})),
  'version-1': json(402, {
    x402Version: 1,
    accepts: [
      { ...offer, network: 'base', maxAmountRequired: '10000', resource: 'https://x.example/' },
    ],
  }),
  unreadable: json(402, { message: 'pay first' }, { 'payment-required': 'e30' }),
  decimal: asking({ amount: '0.01' }),
  'no-caip': asking({ network: 'base' }),
  nobody: asking({ payTo: '0x0000000000000000000000000000000000000000' }),
  'no-domain': asking({ asset: '0x6B175474E89094C44Da98b954EedeAC495271d0F', extra: {} }),
  elsewhere: asking({}),
  'mcp-only': status(405),
}
