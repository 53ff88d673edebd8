import { expect, test } from '@jest/globals'
import { createInterceptor, type InterceptorOptions } from '../../../src/index.js'
import { encodeHeader, decodeHeader } from '../../../src/wire/x402.js'
import { bothHttpPhases, memoryStore, type HttpRequest } from '../phases/support/http-phases.js'
import { inCents, paymentFor, type MoneyChallenge } from './support/money.js'
import { stack } from '../../support/seller.js'
import { SHOP, fundedAccount } from './support/x402-payments.js'

const TOOLS = {
  'POST /dear': { price: '$0.50' },
  '/free': 'free',
}

/** A Gateway before HTTP targets: all cost a cent but a dear one and a free one. */
async function paths() {
  const local = await stack()
  const secret = 'a secret of no less than 32 bytes'
  const options = {
    ...inCents(local),
    tools: TOOLS,
    secret,
    store: memoryStore(),
  }
  const { handle } = createInterceptor(options as unknown as InterceptorOptions)
  const reached: unknown[] = []
  const play = (request: HttpRequest) =>
    bothHttpPhases(handle, request, () => {
      reached.push(request.path)
      return { body: 'Hello!' }
    })
  const asked = async (path: string) => {
    const { got } = await play({ path })
    return decodeHeader(got.headers['payment-required'] ?? '') as unknown as MoneyChallenge
  }
  return { local, play, asked, reached }
}

test.each([
  '/DEAR',
  '/Dear',
  '//dear',
  '/free/..//dear',
  '/free/../dear',
  '/./dear',
  '/%64ear',
  '/dear%2F',
  '/free%2F..%2Fdear',
  '/dear;free',
  '/dear\\',
  '/d%C0%A5ar',
  'dear',
  '',
])('the path %s is no way around a price: it is not sold at all', async (path) => {
  const { local, play, reached } = await paths()
  const { got } = await play({ path })
  expect([400, 404]).toContain(got.status)
  expect(got.headers).not.toHaveProperty('payment-required')
  expect([reached, local.x402.calls, await local.x402.balanceOf(SHOP)]).toEqual([[], [], 0n])
})

test.each(['/dear', '/dear/', '/dear?free', '/dear#/free', '/dear/?a=/free'])(
  'the path %s costs what its plain form costs',
  async (path) => {
    const { asked, reached } = await paths()
    expect((await asked(path)).accepts).toMatchObject([{ amount: '500000' }])
    expect(reached).toEqual([])
  },
)

test('what was paid for a cheap path reaches no dear one', async () => {
  const { local, play, asked, reached } = await paths()
  const account = await fundedAccount(local)
  const payment = await paymentFor({ local, account }, await asked('/cheap'))
  const token = encodeHeader(payment)
  const { got } = await play({ path: '/dear', token })
  expect([got.status, reached, local.x402.calls]).toEqual([402, [], []])
  const { got: bought } = await play({ path: '/cheap', token })
  expect([bought.status, reached]).toEqual([200, ['/cheap']])
  expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
})

test('a free path is free, and one without a row costs what all do', async () => {
  const { local, play, asked, reached } = await paths()
  expect((await play({ path: '/free' })).got.status).toBe(200)
  expect((await asked('/freely')).accepts).toMatchObject([{ amount: '10000' }])
  expect([reached, await local.x402.balanceOf(SHOP)]).toEqual([['/free'], 0n])
})
