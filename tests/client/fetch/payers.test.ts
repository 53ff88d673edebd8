import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { PaidCallError, createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  OTHER,
  PAYEE,
  SIGNATURE,
  asking,
  asksThen,
  limits,
  mppChallenge,
  rejection,
  requirement,
  seller,
  sells,
  wallet,
} from '../support/http-seller.js'
import { leaks } from '../../support/secrets.js'

const PAYLOAD = {
  x402Version: 2,
  accepted: requirement,
  payload: { signature: SIGNATURE, authorization: { to: PAYEE, value: '10000' } },
}
const paying = (more: object) => ({
  headers: { 'PAYMENT-SIGNATURE': encodeHeader({ ...PAYLOAD, ...more }) },
})
const accepting = (more: object) => paying({ accepted: { ...requirement, ...more } })
const signing = (more: object) =>
  paying({
    payload: { signature: SIGNATURE, authorization: { ...PAYLOAD.payload.authorization, ...more } },
  })
const wrapped = encodeHeader(PAYLOAD).replace(/.{76}/g, '$&\n')

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', encodeHeader(PAYLOAD)],
  ['no headers', { headers: null }],
  ['another header', { headers: { Authorization: `Bearer ${SIGNATURE}` } }],
  ['a header that is none', { headers: { 'PAYMENT-SIGNATURE': 7 } }],
  ['no base64 of JSON', { headers: { 'PAYMENT-SIGNATURE': SIGNATURE } }],
  ['lines', { headers: { 'PAYMENT-SIGNATURE': wrapped } }],
  ['letters that no header has', { headers: { 'PAYMENT-SIGNATURE': `${encodeHeader(PAYLOAD)}€` } }],
  ['a payment of v1', paying({ x402Version: 1 })],
  ['a payment for nothing', paying({ accepted: undefined })],
  ['a payment in another scheme', accepting({ scheme: 'upto' })],
  ['a payment on another network', accepting({ network: 'eip155:8453' })],
  ['a payment of another amount', accepting({ amount: '9999' })],
  ['a payment in another asset', accepting({ asset: OTHER })],
  ['a payment to another payee', accepting({ payTo: OTHER })],
  ['a payment that signs another amount', signing({ value: '10001' })],
  ['a payment that signs another payee', signing({ to: OTHER })],
  ['a payment that is too long', paying({ extensions: { long: 'x'.repeat(65_536) } })],
  ['two payments', { ...paying({}), meta: { 'x402/payment': { ...PAYLOAD, resource: {} } } }],
])('a payer that gives %s pays nothing', async (_, answer) => {
  const { url, got } = await seller(sells)
  const budget = createBudget(limits())
  const failure = await rejection(payingFetch(wallet(() => answer).pay, budget)(url))
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(failure.message).toMatch(/it was not sent and nothing was paid$/)
  expect(leaks(failure, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
  expect(got).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('how long a payment is good is held against the clock that was given', async () => {
  const now = Date.parse('2030-01-01T00:00:00.999Z')
  const latest = Math.floor(now / 1000) + 120 + 60
  const { url } = await seller(sells)
  const outcome = async (validBefore: number) => {
    const { pay } = wallet(() => signing({ validBefore: String(validBefore) }))
    const fetchPaying = payingFetch(pay, limits({ maxTimeoutSeconds: 120 }), { now: () => now })
    return fetchPaying(url).then(
      ({ status }) => status,
      (error: unknown) => (error as Error).message,
    )
  }
  expect(await outcome(latest)).toBe(200)
  expect(await outcome(latest + 1)).toMatch(/authorization.validBefore is not what/)
})

test('what a payer throws comes out unchanged, and the budget is whole again', async () => {
  const { url, got } = await seller(sells)
  const budget = createBudget(limits())
  const failure = { code: 'no funds' }
  const throwing = () => {
    throw failure
  }
  expect(await rejection(payingFetch(throwing, budget)(url))).toBe(failure)
  expect(
    await rejection(
      payingFetch({ pay: () => Promise.reject(failure as unknown as Error) }, budget)(url),
    ),
  ).toBe(failure)
  expect(got).toHaveLength(2)
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('who gives up before anything is asked pays nothing', async () => {
  const { url, got } = await seller(asking())
  const { pay, asked } = wallet()
  const failure = await rejection(
    payingFetch(pay, limits())(url, { signal: AbortSignal.abort('enough') }),
  )
  expect([failure, asked, got]).toEqual(['enough', [], []])
})

test('who gives up while the challenge comes pays nothing', async () => {
  const controller = new AbortController()
  const { url, paid } = await seller((got, response, nth) => {
    controller.abort()
    asking()(got, response, nth)
  })
  const { pay, asked } = wallet()
  const failure = await rejection(payingFetch(pay, limits())(url, { signal: controller.signal }))
  expect(failure).toMatchObject({ name: 'AbortError' })
  expect([asked, paid()]).toEqual([[], []])
})

test('who gives up when the challenge is there pays nothing either', async () => {
  const controller = new AbortController()
  const header = encodeHeader({ x402Version: 2, resource: { url: '/' }, accepts: [requirement] })
  const deaf = async () => {
    controller.abort(new Error('enough'))
    return Promise.resolve(
      new Response('', { status: 402, headers: { 'PAYMENT-REQUIRED': header } }),
    )
  }
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const fetchPaying = payingFetch(pay, budget, { fetch: deaf })
  const call = fetchPaying('http://shop.example/', { signal: controller.signal })
  expect(await rejection(call)).toMatchObject({ message: 'enough' })
  expect(asked).toEqual([])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test.each(['payer', 'confirm'])('who gives up while the %s thinks pays nothing', async (who) => {
  const { url, got } = await seller(sells)
  const controller = new AbortController()
  const signals: (AbortSignal | undefined)[] = []
  const thinking = ({ signal }: { signal?: AbortSignal | undefined }) => {
    signals.push(signal)
    setImmediate(() => controller.abort(new Error('enough')))
    return new Promise<never>(() => undefined)
  }
  const { pay, asked } = wallet()
  const payer = who === 'payer' ? (_: unknown, call: object) => thinking(call) : pay
  const budget = createBudget(limits(who === 'confirm' ? { confirm: thinking } : {}))
  const call = payingFetch(payer, budget)(url, { signal: controller.signal })
  expect(await rejection(call)).toMatchObject({ message: 'enough' })
  expect(signals).toEqual([expect.objectContaining({ aborted: true })])
  expect([asked.length, got.length]).toEqual([0, 1])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('what is paid after the caller has given up is not sent', async () => {
  const { url, got } = await seller(sells)
  const controller = new AbortController()
  const { pay } = wallet()
  let paid: Promise<unknown> = Promise.resolve()
  const slow: typeof pay = async (...asked) => {
    paid = once(controller.signal, 'abort').then(() => pay(...asked))
    setImmediate(() => controller.abort())
    return paid as ReturnType<typeof pay>
  }
  const failure = await rejection(payingFetch(slow, limits())(url, { signal: controller.signal }))
  expect(failure).toMatchObject({ name: 'AbortError' })
  await paid
  expect(got).toHaveLength(1)
})

test('who gives up after the payment was sent is told so, and the amount stays held', async () => {
  const controller = new AbortController()
  const { url, paid } = await seller(asksThen(() => controller.abort()))
  const budget = createBudget(limits())
  const failure = await rejection(
    payingFetch(wallet().pay, budget)(url, { signal: controller.signal }),
  )
  expect(failure).toBeInstanceOf(PaidCallError)
  expect(failure).toMatchObject({ receipt: { paid: 'unknown', amount: '10000' } })
  expect(failure.message).toMatch(/Do not pay again/)
  expect(leaks(failure, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
  expect(paid()).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ held: 10_000n, spent: 0n }])
})

test('who gives up while the answer comes has its receipt', async () => {
  const controller = new AbortController()
  const { url } = await seller(
    asksThen((_, response) => {
      response.writeHead(200, {
        'PAYMENT-RESPONSE': encodeHeader({ success: true, transaction: '0xabc', network: 'n' }),
      })
      response.write('so')
    }),
  )
  const response = await payingFetch(wallet().pay, limits())(url, { signal: controller.signal })
  expect(receiptOf(response).paid).toBe('yes')
  controller.abort()
  await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' })
})

test('an error of a lost answer quotes neither payment nor what the caller sent', async () => {
  const { url, got } = await seller(
    asksThen((_, response) => void response.socket?.end('HTTP/1.1 nonsense')),
  )
  const headers = { authorization: 'Bearer my-own-secret-words' }
  const failure = await rejection(payingFetch(wallet().pay, limits())(url, { headers }))
  const sent = String(got[1]?.headers['payment-signature'])
  const secrets = [
    { name: 'signature', value: SIGNATURE },
    { name: 'payment', value: sent.slice(-40) },
    { name: 'own', value: 'my-own-secret-words' },
  ]
  expect(leaks(got, secrets)).toHaveLength(3)
  expect(failure).toBeInstanceOf(PaidCallError)
  expect(leaks(failure, secrets)).toEqual([])
})

test('what is answered to a paid call does not show the payment', async () => {
  const { url } = await seller(sells)
  const response = await payingFetch(wallet().pay, limits())(url)
  expect(leaks([response, receiptOf(response)], [{ name: 'signature', value: SIGNATURE }])).toEqual(
    [],
  )
})

test.each(['limits', 'Authorization'])(
  'a 402 that is refused for the %s of its call leaves no connection open',
  async (why) => {
    let closed: Promise<unknown> | undefined
    const asked = encodeHeader({ x402Version: 2, resource: { url: '/' }, accepts: [requirement] })
    const { url } = await seller((_, response) => {
      closed = once(response.socket as Socket, 'close')
      const headers = { 'PAYMENT-REQUIRED': asked, 'WWW-Authenticate': mppChallenge() }
      response.writeHead(402, headers).write('a body that does not end')
    })
    const isForLimits = why === 'limits'
    const payer = isForLimits ? wallet() : { ...wallet(), protocols: ['mpp'] as const }
    const fetchPaying = payingFetch(payer, limits({ payees: [OTHER] }))
    const failure = await rejection(fetchPaying(url, { headers: { authorization: 'mine' } }))
    expect(failure).toMatchObject({ code: isForLimits ? 'limit_exceeded' : 'payment_unusable' })
    await closed
  },
)
