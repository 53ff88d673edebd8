import { expect, test } from '@jest/globals'
import { payingFetch, payingMcp, receiptOf, type Payer } from '../../../src/client/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { buyer } from '../support/client.js'
import {
  NETWORK,
  asking,
  limits,
  requirement,
  seller,
  wallet,
  type Got,
} from '../support/http-seller.js'
import { refusing, shop, soldFor, type Tool } from '../support/mcp-shop.js'
import { sell, stack } from '../../support/seller.js'

const EXTENSION = { info: { required: false }, schema: { type: 'object' } }
const OFFER = { 'payment-identifier': EXTENSION }
const ID = /^pay_[\da-f]{32}$/

const payloadOf = ({ headers }: Got) => decodeHeader(String(headers['payment-signature']))
const nameOf = (payload: unknown) =>
  (payload as { extensions?: { 'payment-identifier'?: { info?: { id?: string } } } }).extensions?.[
    'payment-identifier'
  ]?.info?.id

/** A seller that offers names; its first answers to a payment fail. */
async function naming(failures: number, extensions: object = OFFER) {
  let paid = 0
  return seller((got, response, nth) => {
    if (got.headers['payment-signature'] === undefined) {
      return asking({ extensions })(got, response, nth)
    }
    response.writeHead(++paid > failures ? 200 : 500).end()
  })
}

test('a payment is named where that is offered; a retry has the same name, a purchase a new one', async () => {
  const { url, paid } = await naming(1)
  const fetch = payingFetch(wallet().pay, limits())
  for (let nth = 0; nth < 3; nth++) await fetch(url)
  const names = paid().map((got) => nameOf(payloadOf(got)))
  expect(names).toEqual([expect.stringMatching(ID), names[0], expect.stringMatching(ID)])
  expect(names[2]).not.toBe(names[0])
  expect(payloadOf(paid()[0] as Got)).toMatchObject({
    accepted: requirement,
    extensions: { 'payment-identifier': EXTENSION },
  })
})

test('the other extensions of a payment stay', async () => {
  const bazaar = { info: { input: { type: 'http' } } }
  const { url, paid } = await naming(0, { ...OFFER, bazaar })
  const { pay } = wallet(({ headers }) => {
    const payload = decodeHeader(String(headers?.['PAYMENT-SIGNATURE']))
    return { meta: { 'x402/payment': { ...payload, extensions: { bazaar, ...OFFER } } } }
  })
  await payingFetch(pay, limits())(url)
  expect(payloadOf(paid()[0] as Got)?.['extensions']).toEqual({
    bazaar,
    'payment-identifier': {
      ...EXTENSION,
      info: { required: false, id: expect.stringMatching(ID) },
    },
  })
})

test.each<[string, object, (id: string | undefined) => void]>([
  ['a name of the payer is kept', OFFER, (id) => expect(id).toBe('pay_of_the_payer_0001')],
  ['nothing is named that is not offered', {}, (id) => expect(id).toBe('pay_of_the_payer_0001')],
])('%s', async (_, extensions, check) => {
  const { url, paid } = await naming(0, extensions)
  const own = { 'payment-identifier': { info: { required: false, id: 'pay_of_the_payer_0001' } } }
  const { pay } = wallet(({ headers }) => {
    const payload = decodeHeader(String(headers?.['PAYMENT-SIGNATURE']))
    return { meta: { 'x402/payment': { ...payload, extensions: own } } }
  })
  await payingFetch(pay, limits())(url)
  check(nameOf(payloadOf(paid()[0] as Got)))
})

test('where nothing is offered a payment is sent as it is', async () => {
  const { url, paid } = await naming(0, {})
  await payingFetch(wallet().pay, limits())(url)
  expect(payloadOf(paid()[0] as Got)).not.toHaveProperty('extensions')
})

test('a name that the seller wrote itself is not taken over', async () => {
  const id = 'pay_of_the_seller_01'
  const { url, paid } = await naming(0, {
    'payment-identifier': { info: { required: true, id }, schema: {} },
  })
  const { pay } = wallet(({ headers }, call) => {
    void call
    const payload = decodeHeader(String(headers?.['PAYMENT-SIGNATURE']))
    const echo = { 'payment-identifier': { info: { required: true, id }, schema: {} } }
    return { meta: { 'x402/payment': { ...payload, extensions: echo } } }
  })
  await payingFetch(pay, limits())(url)
  expect(nameOf(payloadOf(paid()[0] as Got))).toMatch(ID)
})

test('a tool of MCP gets a name in the payload of its payment', async () => {
  const terms = { ...requirement, network: NETWORK }
  const tool: Tool = ({ _meta, name }) =>
    _meta?.['x402/payment'] === undefined
      ? refusing({
          x402Version: 2,
          resource: { url: `mcp://tool/${name}` },
          accepts: [terms],
          extensions: OFFER,
        })
      : { content: [] }
  const { client, paid } = await shop({ quote: tool })
  await payingMcp(client, wallet().pay, limits()).callTool({ name: 'quote' })
  expect(nameOf(paid()[0]?._meta?.['x402/payment'])).toMatch(ID)
})

test('a token of Nevermined is named and still good', async () => {
  const local = await stack()
  const named: Tool = async (params) => {
    const result = await soldFor('1', sell(local))(params)
    const challenge = result.structuredContent as { extensions?: object } | undefined
    if (challenge?.extensions === undefined) return result
    return refusing({ ...challenge, extensions: { ...challenge.extensions, ...OFFER } })
  }
  const { client, paid } = await shop({ hello: named })
  const limitsOf = { plans: [local.planId], credits: { maxAmountPerPayment: 1n, total: 9n } }
  const payers: Payer[] = [buyer(local), buyer(local).payer({ tokenVersion: 2 })]
  for (const payer of payers) {
    const result = await payingMcp(client, payer, limitsOf).callTool({ name: 'hello' })
    expect(receiptOf(result).paid).toBe('yes')
  }
  for (const params of paid()) expect(nameOf(params._meta?.['x402/payment'])).toMatch(ID)
  expect(local.balance()).toBe(98n)
})
