import { expect, test } from '@jest/globals'
import { requiresPayment } from '../../../src/index.js'
import { encodeHeader, decodeHeader } from '../../../src/wire/x402.js'
import { functionUrl } from '../../local/support/function-url.js'
import { inCents, paymentFor, type MoneyChallenge } from '../money/support/money.js'
import { stack } from '../../support/seller.js'
import { fundedAccount, SHOP } from '../money/support/x402-payments.js'

interface Weather {
  rawPath: string
  headers: Record<string, string>
  body: unknown
}

/** A small HTTP service: what it answers says what it was told. */
async function service(options: object = {}) {
  const local = await stack()
  const seen: Weather[] = []
  const handler = requiresPayment(
    (event: Weather) => {
      seen.push(event)
      return { statusCode: 200, headers: { 'X-Own': 'yes' }, body: JSON.stringify({ sun: true }) }
    },
    { ...inCents(local), httpEvents: 'http', ...options },
  )
  const account = await fundedAccount(local)
  return { local, account, seen, handler, at: await functionUrl(handler) }
}

async function challengeOf(answer: Response): Promise<MoneyChallenge> {
  const header = answer.headers.get('payment-required') ?? ''
  return decodeHeader(header) as unknown as MoneyChallenge
}

test('a request that is no JSON-RPC is sold by its path, and answered as the handler says', async () => {
  const { local, account, seen, at } = await service()
  try {
    const refused = await fetch(`${at.url}weather?city=Rome`)
    expect(refused.status).toBe(402)
    expect(refused.headers.get('cache-control')).toBe('no-store')
    const challenge = await challengeOf(refused)
    expect(challenge.resource).toEqual({ url: `${at.url}weather` })
    expect(await refused.json()).toMatchObject({
      x402Version: 1,
      accepts: [{ network: 'base-sepolia' }],
    })
    expect(seen).toEqual([])

    const payment = await paymentFor({ local, account }, challenge)
    const paid = await fetch(`${at.url}weather?city=Rome`, {
      headers: { 'payment-signature': encodeHeader(payment) },
    })
    expect([paid.status, paid.headers.get('x-own'), await paid.json()]).toEqual([
      200,
      'yes',
      { sun: true },
    ])
    expect(paid.headers.get('cache-control')).toBe('private')
    expect(decodeHeader(paid.headers.get('payment-response') ?? '')).toMatchObject({
      success: true,
    })
    expect(seen.map(({ rawPath }) => rawPath)).toEqual(['/weather'])
    expect(JSON.stringify(seen)).not.toContain('payment-signature')
    expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
  } finally {
    await at.close()
  }
})

test('a body goes through as it came, and a path without a row is not sold', async () => {
  const tools = { 'POST /say': { price: '$0.01' }, '/free': 'free' }
  const { seen, at } = await service({ price: undefined, tools })
  try {
    const body = '{"payment": "of a debt", "x402": 1}'
    const free = await fetch(`${at.url}free`, { method: 'POST', body })
    expect([free.status, seen[0]?.body]).toEqual([200, body])
    const statuses = await Promise.all(
      [
        ['POST', 'say'],
        ['GET', 'say'],
        ['GET', 'other'],
        ['POST', 'SAY'],
        ['POST', '%73ay'],
        ['POST', '/say'],
      ].map(async ([method = '', path]) => (await fetch(`${at.url}${path}`, { method })).status),
    )
    expect(statuses).toEqual([402, 404, 404, 404, 400, 400])
    expect(seen).toHaveLength(1)
  } finally {
    await at.close()
  }
})
