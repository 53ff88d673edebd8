import { expect, test } from '@jest/globals'
import { offerIn, type PaymentAnswer } from '../../../src/client/http/http-offer.js'
import type { Protocol } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  ASSET,
  NETWORK,
  PAYEE,
  V1,
  challenge,
  mppChallenge,
  mppRequest,
  requirement,
} from '../support/http-seller.js'

const URL = 'https://shop.example/quote'
const NOW = Date.parse('2030-01-01T00:00:00Z')

/** Reads an answer, and counts how often its body is looked at. */
async function read(
  headers: Record<string, string>,
  body: unknown,
  protocols: readonly Protocol[] = ['x402', 'mpp'],
) {
  let reads = 0
  const answer: PaymentAnswer = {
    url: URL,
    header: (name) => headers[name],
    body: () => {
      reads += 1
      return Promise.resolve(typeof body === 'string' ? body : JSON.stringify(body))
    },
  }
  return { offer: await offerIn(answer, { protocols, nowMs: NOW }), reads }
}

const inHeader = { 'payment-required': encodeHeader(challenge(URL)) }
const inMpp = { 'www-authenticate': mppChallenge() }
const v1 = { x402Version: 1, error: 'pay', accepts: [{ ...V1, resource: URL }] }
const translated = {
  scheme: 'mpp:charge',
  network: NETWORK,
  amount: '10000',
  asset: ASSET,
  payTo: PAYEE,
}

test('a header says it all, and the body is not read', async () => {
  const { offer, reads } = await read(inHeader, v1)
  expect(offer?.challenge).toEqual(challenge(URL))
  expect([offer?.originals.size, reads]).toEqual([0, 0])
})

test('the body is read only for a payer of x402', async () => {
  const { offer, reads } = await read(inMpp, v1, ['mpp'])
  expect(offer?.challenge).toEqual({
    x402Version: 2,
    resource: { url: URL },
    accepts: [translated],
  })
  expect(reads).toBe(0)
  expect((await read({ ...inHeader, ...inMpp }, v1, [])).offer).toBeUndefined()
})

test('v1 is put in the words of v2, and its own are kept beside', async () => {
  const { offer } = await read({}, { ...v1, accepts: [{ ...v1.accepts[0], odd: [1] }] }, ['x402'])
  const { description, extra } = V1
  const terms = { ...requirement, description, extra, resource: URL, odd: [1] }
  expect(offer?.challenge).toEqual({
    x402Version: 2,
    error: 'pay',
    resource: { url: URL },
    accepts: [terms],
  })
  const [asked] = offer?.challenge.accepts ?? []
  expect(asked && offer?.originals.get(asked)).toEqual({ v1: { ...v1.accepts[0], odd: [1] } })
})

test.each<[string, object[], string, number]>([
  [
    'of several resources the first',
    [{ resource: '/a' }, { resource: '/b' }, { resource: '/a' }],
    '/a',
    2,
  ],
  ['what names none is for the URL', [{}, { resource: URL }, { resource: null }], URL, 3],
  ['what names none is not for another', [{ resource: '/a' }, {}], '/a', 1],
])('of v1, %s', async (_, accepts, url, count) => {
  const { offer } = await read({}, { ...v1, accepts: accepts.map((more) => ({ ...V1, ...more })) })
  expect(offer?.challenge.resource).toEqual({ url })
  expect(offer?.challenge.accepts).toHaveLength(count)
  expect(offer?.originals.size).toBe(count)
})

test('x402 and MPP stand side by side, each with its original', async () => {
  for (const [headers, body] of [[inHeader, ''] as const, [{}, v1] as const]) {
    const { offer } = await read({ ...headers, ...inMpp }, body)
    const [first, second] = offer?.challenge.accepts ?? []
    expect([first?.scheme, second]).toEqual(['exact', translated])
    const [original, mpp] = [first, second].map((terms) => terms && offer?.originals.get(terms))
    expect(Object.keys(original ?? {})).toEqual(body === '' ? [] : ['v1'])
    expect(mpp).toMatchObject({ mpp: { id: 'c1', request: mppRequest } })
    expect(offer?.challenge.resource).toEqual({ url: URL })
  }
})

test.each<[string, object, object]>([
  ['solana', { methodDetails: null }, { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' }],
  ['tempo', { methodDetails: { chainId: 42431 } }, { network: 'eip155:42431' }],
  ['stripe', { methodDetails: null, currency: 'usd' }, { network: 'stripe', asset: 'usd' }],
])('MPP of %s is put in the words of x402', async (method, more, terms) => {
  const header = mppChallenge({ method }, { ...mppRequest, ...more })
  const { offer } = await read({ 'www-authenticate': header }, '')
  expect(offer?.challenge.accepts).toEqual([{ ...translated, ...terms }])
})

test.each<[string, unknown]>([
  ['nothing', ''],
  ['prose', 'pay'],
  ['a list', [v1]],
  ['a text', '"x402"'],
  ['another version', { ...v1, x402Version: '1' }],
  ['v2 with the entries of v1', { ...v1, x402Version: 2 }],
  ['no entries', { ...v1, accepts: undefined }],
  ['entries that are no list', { ...v1, accepts: v1.accepts[0] }],
  ['entries that cannot be read', { ...v1, accepts: [7, null, { ...V1, asset: 7 }] }],
  ['an error that is no text', { ...v1, error: 7 }],
  ['terms that are no object', { ...v1, accepts: [{ ...V1, extra: 'x' }] }],
  ['what goes beyond bounds', { ...v1, accepts: Array.from({ length: 400 }, () => v1.accepts[0]) }],
])('what says %s offers nothing', async (_, body) => {
  expect(await read({}, body)).toEqual({ offer: undefined, reads: 1 })
})
