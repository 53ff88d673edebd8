import { expect, test } from '@jest/globals'
import {
  decodeCredential,
  decodeReceipt,
  encodeCredential,
  isExpired,
  isForAuthorization,
  mppChallenges,
  mppNetwork,
} from '../../src/wire/mpp.js'
import { caip2 } from '../../src/wire/networks.js'
import { encodeToken } from '../../src/wire/x402.js'
import { mppChallenge, mppRequest } from '../client/support/http-seller.js'

const ids = (header: Parameters<typeof mppChallenges>[0]) =>
  mppChallenges(header).map(({ id }) => id)
const one = (id: string, more = {}) => mppChallenge({ id, ...more })

test('a challenge is read with all that it says', () => {
  const more = { expires: '2030-01-01T00:00:00Z', digest: 'x', description: 'a, "b" = c' }
  const raw = mppChallenge({ ...more, description: 'a, \\"b\\" = c' })
  expect(mppChallenges(raw)).toEqual([
    {
      id: 'c1',
      realm: 'shop',
      method: 'evm',
      intent: 'charge',
      request: mppRequest,
      expires: more.expires,
      raw,
    },
  ])
})

test.each<[string, Parameters<typeof mppChallenges>[0], string[]]>([
  ['none', '', []],
  ['none, as null', null, []],
  ['none, as nothing', undefined, []],
  ['one', one('a'), ['a']],
  ['two in one header', `${one('a')}, ${one('b')}`, ['a', 'b']],
  ['two in two headers', [one('a'), one('b')], ['a', 'b']],
  ['two without a space', `${one('a')},${one('b')}`, ['a', 'b']],
  ['two with empty elements', `, ,${one('a')},, ${one('b')},`, ['a', 'b']],
  ['one after another scheme', `Basic realm="x", ${one('a')}`, ['a']],
  ['one before another scheme', `${one('a')}, Bearer realm="x", id="c", error="y"`, ['a']],
  [
    'two around another scheme',
    `${one('a')}, Digest realm="x", qop="a, b", ${one('b')}`,
    ['a', 'b'],
  ],
  ['one after a scheme with a token', `Negotiate abc==, ${one('a')}`, ['a']],
  ['one before a scheme alone', `${one('a')}, Negotiate`, ['a']],
  ['one after a scheme alone', `Negotiate, ${one('a')}`, ['a']],
  ['one in another case', one('a').replace('Payment id', 'PAYMENT  ID'), ['a']],
  ['one with spaces around =', one('a').replaceAll('="', ' = "'), ['a']],
  ['one with commas in quotes', one('a, b'), ['a, b']],
  ['one that quotes another', one('a', { description: `x, Payment id=z, realm=z` }), ['a']],
  ['one with an escape, which others may read otherwise', one('a\\"b'), []],
  ['one with an escape in its description', one('a', { description: 'say \\"a\\"' }), ['a']],
  ['one without quotes', one('a').replaceAll('"', ''), ['a']],
  ['one with a parameter twice, of which each may count', `${one('a')}, id="b"`, []],
  ['one of another scheme that begins alike', one('a').replace('Payment', 'Payments'), []],
  ['one behind a quote that does not end', `Basic realm="x, ${one('a').replaceAll('"', '')}`, []],
  ['one with a quote that does not end', `${one('a')}, description="x`, ['a']],
  ['one before what is no parameter', `${one('a')}, ???, id="b"`, ['a']],
])('of a header the challenges are found: %s', (_, header, found) => {
  expect(ids(header)).toEqual(found)
})

test.each<[string, string]>([
  ['no id', one('a', { id: undefined })],
  ['a blank id', one(' ')],
  ['no realm', one('a', { realm: undefined })],
  ['a blank realm', one('a', { realm: ' ' })],
  ['no method', one('a', { method: undefined })],
  ['a method in capitals', one('a', { method: 'EVM' })],
  ['a method with a digit', one('a', { method: 'evm2' })],
  ['no intent', one('a', { intent: undefined })],
  ['a blank intent', one('a', { intent: '' })],
  ['no request', one('a', { request: undefined })],
  ['an empty request', one('a', { request: '' })],
  ['a request in base64 with padding', one('a', { request: `${btoa('{"amount":"1"}')}==` })],
  ['a request that is no base64url', one('a', { request: 'e+/=' })],
  ['a request that is no UTF-8', one('a', { request: 'eyJhIjoi_yJ9' })],
  ['a request that is no JSON', one('a', { request: encodeToken({}).slice(1) })],
  ['a request that is a list', mppChallenge({}, [])],
  ['a request that is a text', mppChallenge({}, 'x')],
  ['a request that is null', mppChallenge({}, null)],
  ['an amount as a number', mppChallenge({}, { ...mppRequest, amount: 1 })],
  ['a currency as a number', mppChallenge({}, { ...mppRequest, currency: 1 })],
  ['a recipient as a list', mppChallenge({}, { ...mppRequest, recipient: [] })],
  ['details as a text', mppChallenge({}, { ...mppRequest, methodDetails: 'x' })],
  ['a chain as a text', mppChallenge({}, { ...mppRequest, methodDetails: { chainId: '1' } })],
])('a challenge with %s is none, and those beside it count', (_, wrong) => {
  expect(ids(wrong)).toEqual([])
  expect(ids(`${wrong}, ${one('b')}`)).toEqual(['b'])
  expect(ids([one('b'), wrong])).toEqual(['b'])
})

test('each challenge is kept alone, as its payer has to pass it on', () => {
  const [first, second] = mppChallenges(`Basic realm="x", ${one('a')} , ${one('b')}, Bearer x="y"`)
  expect([first?.raw, second?.raw]).toEqual([one('a'), one('b')])
})

test('the longest header is read at once, and a longer one not at all', () => {
  const rest = 'x'.repeat(65_536 - one('a').length - 4)
  expect(ids(`${one('a')}, y=${rest}`)).toEqual(['a'])
  expect(ids(`${one('a')}, y=${rest}x`)).toEqual([])
  const started = performance.now()
  for (const text of ['\\"', '"', ', ', 'a ', '="', ',"\\']) {
    ids(`Payment id="${text.repeat(60_000 / text.length)}`)
  }
  expect(performance.now() - started).toBeLessThan(1000)
})

test.each<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['soon', false],
  ['2030', false],
  ['2030-01-01T00:00:00Z', true],
  ['2029-12-31T23:59:59.999Z', true],
  ['2030-01-01T00:00:00.001Z', false],
  ['2030-01-01t00:00:00z', true],
  ['2030-01-01T01:00:00+01:00', true],
  ['2029-12-31T23:00:00-01:00', true],
  ['2030-01-01T00:00:00-01:00', false],
  ['2020-13-01T00:00:00Z', false],
])('a challenge that expires at %s', (expires, isOver) => {
  const [challenge] = mppChallenges(mppChallenge({ expires }))
  if (challenge === undefined) throw new Error('expected a challenge')
  expect(isExpired(challenge, Date.parse('2030-01-01T00:00:00Z'))).toBe(isOver)
})

test.each<[string | undefined, boolean]>([
  [undefined, true],
  ['Authorization', true],
  ['authorization', true],
  ['Payment-Authorization', false],
  ['Authorization-Payment', false],
  ['X-Pay', false],
  ['', false],
])('a challenge with header %j', (header, isPlain) => {
  for (const raw of [mppChallenge({ header }), mppChallenge({ header, digest: 'x' })]) {
    for (const text of [raw, raw.replaceAll('="', ' = "')]) {
      const [challenge] = mppChallenges(text)
      if (challenge === undefined) throw new Error('expected a challenge')
      expect(isForAuthorization(challenge)).toBe(isPlain)
    }
  }
})

test.each<[string, object | null, string | undefined]>([
  ['evm', { chainId: 84532 }, 'eip155:84532'],
  ['tempo', { chainId: 42431 }, 'eip155:42431'],
  ['evm', {}, undefined],
  ['evm', null, undefined],
  ['stripe', null, undefined],
  ['solana', null, 'solana-mainnet'],
  ['solana', { network: null }, 'solana-mainnet'],
  ['solana', { network: 'mainnet-beta' }, 'solana-mainnet'],
  ['solana', { network: 'devnet', chainId: 1 }, 'solana-devnet'],
  ['solana', { network: 'localnet' }, 'solana-localnet'],
])('the network of %s with %j', (method, methodDetails, network) => {
  const [challenge] = mppChallenges(mppChallenge({ method }, { ...mppRequest, methodDetails }))
  if (challenge === undefined) throw new Error('expected a challenge')
  expect(mppNetwork(challenge)).toBe(network)
})

test.each([
  ['base', 'eip155:8453'],
  ['Base-Sepolia', 'eip155:84532'],
  ['polygon-amoy', 'eip155:80002'],
  ['solana-devnet', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
  ['solana', caip2('solana-mainnet')],
  ['eip155:84532', 'eip155:84532'],
  ['Unheard-Of', 'Unheard-Of'],
  ['constructor', 'constructor'],
  ['__proto__', '__proto__'],
])('the network %s is %s', (name, network) => {
  expect(caip2(name)).toBe(network)
})

test('a credential is read with and without its scheme', () => {
  const credential = {
    challenge: { id: 'a', realm: 'r' },
    payload: { value: '1', more: [1] },
    source: 'x',
  }
  const value = encodeCredential(credential)
  expect(value).toMatch(/^Payment [\w-]+$/)
  for (const text of [value, value.slice(8), value.replace('Payment', 'payment ')]) {
    expect(decodeCredential(text)).toEqual(credential)
  }
})

test.each([
  '',
  'Payment ',
  'Bearer abc',
  'Payment a b',
  `Payment ${btoa('{"a":1}')}==`,
  encodeCredential({ challenge: { id: 'a' }, payload: {} }),
  encodeCredential({ challenge: { id: 'a', realm: 'r' } }),
  encodeCredential({ challenge: { id: 'a', realm: 'r' }, payload: { to: 1 } }),
  encodeCredential([]),
])('%s is no credential', (value) => {
  expect(decodeCredential(value)).toBeUndefined()
})

test('a receipt is read', () => {
  const receipt = { status: 'success', method: 'evm', reference: '0x1', timestamp: 'now' }
  expect(decodeReceipt(encodeToken(receipt))).toEqual(receipt)
  for (const value of ['', 'x', encodeToken([]), encodeToken({ status: 1 }), encodeToken({})]) {
    expect(decodeReceipt(value)).toBeUndefined()
  }
})
