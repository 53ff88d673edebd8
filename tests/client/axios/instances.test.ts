import { expect, test } from '@jest/globals'
import axios, { type AxiosInstance } from 'axios'
import { payingAxios, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { axiosError, payingInstance } from '../support/axios-buyer.js'
import {
  asking,
  asksMpp,
  asksThen,
  challenge,
  limits,
  mppChallenge,
  mppRequest,
  rejection,
  seller,
  sells,
  wallet,
} from '../support/http-seller.js'

const auth = { username: 'me', password: 'own-secret-word' }
test.each<[string, (url: string, instance: AxiosInstance) => Promise<unknown>]>([
  [
    'in a header',
    (url, instance) => instance.get(url, { headers: { authorization: 'Bearer me' } }),
  ],
  ['as auth', (url, instance) => instance.get(url, { auth })],
  ['in the URL', (url, instance) => instance.get(url.replace('//', '//me:own-secret-word@'))],
])('a call with an Authorization of its own, %s, does not pay MPP', async (_, call) => {
  const { url, got } = await seller(asksMpp())
  const { instance, asked } = payingInstance()
  expect(await rejection(call(url, instance))).toMatchObject({ code: 'payment_unusable' })
  expect([asked.length, got.length]).toEqual([0, 1])
  const both = await seller(
    asksThen(sells, (__, response) => {
      const headers = { 'WWW-Authenticate': mppChallenge({}, { ...mppRequest, amount: '1' }) }
      response
        .writeHead(402, { ...headers, 'PAYMENT-REQUIRED': encodeHeader(challenge('/')) })
        .end()
    }),
  )
  expect(receiptOf(await call(both.url, instance))).toMatchObject({ paid: 'yes', agreed: '10000' })
  const [first, second] = both.got.map(({ headers }) => headers.authorization)
  expect(first).toMatch(/^B/)
  expect(second).toBe(first)
})

test('two instances do not know of each other, and one whose interceptors are cleared pays no more', async () => {
  const { url } = await seller(sells)
  const [one, other] = [payingInstance(), payingInstance()]
  await one.instance.get(url)
  expect([one.asked.length, other.asked.length]).toEqual([1, 0])
  one.instance.interceptors.request.clear()
  expect(await rejection(one.instance.get(url))).toMatchObject({ response: { status: 402 } })
  expect((await other.instance.get(url)).status).toBe(200)
  expect([one.asked.length, other.asked.length]).toEqual([1, 1])
  expect(await rejection(axios.get(url))).toMatchObject({ response: { status: 402 } })
})

test('of two payers in one instance one pays, and only once', async () => {
  const { url, paid } = await seller(asking())
  const { instance, asked } = payingInstance()
  const { pay, asked: askedToo } = wallet()
  payingAxios(instance, pay, limits())
  const failure = await axiosError(instance.get(url))
  expect(receiptOf(failure.response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect([asked.length + askedToo.length, paid().length]).toEqual([1, 1])
})

test('an error after a payment has no config, so that nothing pays again with it', async () => {
  const { url, paid } = await seller(asking())
  const { instance } = payingInstance()
  const failure = await axiosError(instance.get(url))
  expect(failure.config).toBeUndefined()
  expect(failure.response?.status).toBe(402)
  expect(paid()).toHaveLength(1)
})
