import { inspect } from 'node:util'
import { afterEach, expect, test } from '@jest/globals'
import axios from 'axios'
import { payingAxios, receiptOf, PaidCallError } from '../src/client/index.js'
import { closeSellers, limits, seller, sells, wallet } from './support/http-seller.js'

afterEach(closeSellers)

test('an axios instance pays, and its other interceptors see one call', async () => {
  const { url, got } = await seller(sells)
  const instance = axios.create({ baseURL: url })
  const { pay, asked } = wallet()
  payingAxios(instance, pay, limits())
  let seen = 0
  instance.interceptors.response.use((response) => {
    seen += 1
    return response
  })
  const response = await instance.post('/quote', { a: 1 }, { params: { of: 'x' } })
  expect(response.status).toBe(200)
  expect(seen).toBe(1)
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', amount: '10000' })
  expect(asked).toHaveLength(1)
  expect(got.map(({ method, url: path, body }) => [method, path, body])).toEqual([
    ['POST', '/quote?of=x', '{"a":1}'],
    ['POST', '/quote?of=x', '{"a":1}'],
  ])
})

test('what axios rejects after a payment has a receipt and holds no payment', async () => {
  const { url } = await seller((got, response, nth) => {
    if (nth === 1) return sells(got, response, nth)
    response.writeHead(500).end('oops')
  })
  const instance = axios.create()
  payingAxios(instance, wallet().pay, limits())
  const error: unknown = await instance.get(url).catch((thrown: unknown) => thrown)
  expect(axios.isAxiosError(error) && receiptOf(error.response)).toMatchObject({ paid: 'unknown' })
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/payment-signature/i)
})

test('a lost answer rejects with a PaidCallError', async () => {
  const { url } = await seller((got, response, nth) => {
    if (nth === 1) return sells(got, response, nth)
    response.socket?.resetAndDestroy()
  })
  const instance = axios.create()
  payingAxios(instance, wallet().pay, limits())
  await expect(instance.get(url)).rejects.toBeInstanceOf(PaidCallError)
})
