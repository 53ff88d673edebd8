import { expect, test } from '@jest/globals'
import { MppChallengeSelectionError, PaymentError } from '../../../src/agentcore/index.js'
import { decodeCredential } from '../../../src/wire/mpp.js'
import { NOW_MS, now } from '../../support/clock.js'
import { base64, challengeV1, challengeV2, mpp, paying } from '../support/payment-header.js'
import { failure } from '../support/payment-manager.js'
import { clock, MERCHANT } from '../../local/agentcore/support/payments-service.js'

const NOW = Date.UTC(2026, 0, 1)
const at = (ms: number) => new Date(NOW + ms).toISOString()

/** The challenge AWS was asked to pay, whether it did so or not. */
async function chosen(
  headers: Record<string, unknown>,
  family: 'ETHEREUM' | 'SOLANA' = 'ETHEREUM',
  networkPreferences?: readonly string[],
) {
  const { now } = clock(NOW)
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying(
    { now },
    family,
  )
  const error: unknown = await managerWith({ now })
    .generatePaymentHeader({
      paymentInstrumentId,
      paymentSessionId,
      paymentRequiredRequest: { statusCode: 402, headers },
      networkPreferences,
    })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  const [header] = asked()[0]?.mpp?.wwwAuthenticateHeaders ?? []
  return { error, id: /id="([^"]*)"/.exec(header ?? '')?.[1] }
}

const www = (...headers: string[]) => ({ 'www-authenticate': headers.join(', ') })

test('an MPP challenge is paid with Authorization', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying({ now })
  const challenge = mpp({ expires: new Date(NOW_MS + 60_000).toISOString(), opaque: 'abc' })
  const header = await managerWith({ now }).generatePaymentHeader({
    paymentInstrumentId,
    paymentSessionId,
    paymentRequiredRequest: { statusCode: 402, headers: { 'WWW-Authenticate': challenge } },
  })
  expect(Object.keys(header)).toEqual(['Authorization'])
  const [value = ''] = Object.values(header)
  expect(value).toMatch(/^Payment [\w-]+$/)
  expect(decodeCredential(value)).toMatchObject({
    challenge: { id: 'mpp-1', realm: 'shop.example', opaque: 'abc' },
    payload: { to: MERCHANT, value: '10000' },
  })
  const [asking] = asked()
  expect(asking).toEqual({
    paymentType: 'MPP',
    mpp: { version: '1', wwwAuthenticateHeaders: [challenge] },
  })
})

test.each([true, false])(
  'network fees are agreed to where the caller says so: %s',
  async (agrees) => {
    const { pay, asked } = await paying()
    await pay({ headers: www(mpp()) }, { buyerPaysGasFees: agrees })
    expect(asked()[0]?.mpp).toMatchObject({ buyerPaysGasFees: agrees })
  },
)

test('network fees are of no concern to x402', async () => {
  const { pay, asked } = await paying()
  await pay({ body: challengeV2() }, { buyerPaysGasFees: true })
  expect(asked()[0]?.cryptoX402).not.toHaveProperty('buyerPaysGasFees')
})

test.each(['yes', 1, null])('agreeing to network fees with %j is refused', async (value) => {
  const { pay, asked } = await paying()
  const more = { buyerPaysGasFees: value as unknown as boolean }
  const error = await failure(pay({ headers: www(mpp()) }, more))
  expect(error).toMatchObject({ code: 'invalid_input' })
  expect(String(error)).toContain('buyerPaysGasFees')
  expect(asked()).toEqual([])
})

test('MPP comes before x402 of either version', async () => {
  const { pay } = await paying()
  for (const body of [challengeV1(), challengeV2()]) {
    const headers = { ...www(mpp()), 'payment-required': base64(challengeV2()) }
    expect(Object.keys(await pay({ headers, body }))).toEqual(['Authorization'])
  }
})

const UNPAYABLE: [string, string][] = [
  ['for something else than a charge', mpp({ intent: 'session' })],
  ['that has expired', mpp({ expires: '2020-01-01T00:00:00Z' })],
  ['for another wallet', mpp({ method: 'solana' })],
  ['of a method we do not know', mpp({ method: 'lightning' })],
  ['of a method that is none', mpp({ method: 'constructor' })],
  ['whose credential goes elsewhere', mpp({ header: 'X-Pay' })],
]

test.each(UNPAYABLE)('a challenge %s is not paid', async (_, challenge) => {
  const { pay, asked } = await paying()
  const error = await failure(pay({ headers: www(challenge) }))
  expect(error).toBeInstanceOf(MppChallengeSelectionError)
  expect(error).toMatchObject({ code: 'payment_unusable' })
  expect(String(error)).toContain('nothing was paid')
  expect(asked()).toEqual([])
})

test.each(UNPAYABLE)('beside a challenge %s x402 is paid', async (_, challenge) => {
  const { pay, asked } = await paying()
  const header = await pay({ headers: www(challenge), body: challengeV1() })
  expect(Object.keys(header)).toEqual(['X-PAYMENT'])
  expect(asked()).toHaveLength(1)
})

test.each<[string, unknown]>([
  ['that accepts nothing', challengeV2([])],
  ['of another version', challengeV2(undefined, { x402Version: 3 })],
])('beside x402 %s it is MPP that cannot be paid', async (_, body) => {
  const { pay } = await paying()
  const error = await failure(pay({ headers: www(mpp({ method: 'solana' })), body }))
  expect(error).toBeInstanceOf(MppChallengeSelectionError)
  expect(Object.keys(await pay({ headers: www(mpp()), body }))).toEqual(['Authorization'])
})

test('where neither can be paid the reason is that of x402', async () => {
  const { pay } = await paying()
  const body = challengeV2([{ scheme: 'exact' }])
  const error = await failure(pay({ headers: www(mpp({ method: 'solana' })), body }))
  expect(error).not.toBeInstanceOf(MppChallengeSelectionError)
  expect(String(error)).toContain('accepts')
})

test.each([
  ['ValidationException', 400, 'The budget is used up'],
  ['InternalServerException', 500, 'Oh'],
  ['ThrottlingException', 429, 'Slow'],
])('after a %s of AWS x402 is not paid as well', async (name, status, message) => {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked, buyer } = await paying()
  buyer.service.faults.set({
    operation: 'ProcessPayment',
    kind: 'error',
    name,
    status,
    message,
    times: 9,
  })
  const body = challengeV2()
  const error = await failure(
    managerWith({ maxAttempts: 1 }).generatePaymentHeader({
      paymentInstrumentId,
      paymentSessionId,
      paymentRequiredRequest: { statusCode: 402, headers: www(mpp()), body },
    }),
  )
  expect(error).toBeInstanceOf(PaymentError)
  expect(asked().length).toBeGreaterThan(0)
  expect(asked().filter(({ paymentType }) => paymentType !== 'MPP')).toEqual([])
})

const solana = (id: string, network?: string) =>
  mpp({ id, method: 'solana' }, { methodDetails: network === undefined ? {} : { network } })
const evm = (id: string, chainId?: number) =>
  mpp({ id }, { methodDetails: chainId === undefined ? {} : { chainId } })

test.each<[string, string[], string]>([
  ['the preferred network', [evm('sepolia', 84532), evm('base', 8453)], 'base'],
  ['a network before none', [evm('none'), evm('sepolia', 11155111)], 'sepolia'],
  ['an unknown network last', [evm('odd', 137), evm('sepolia', 84532)], 'sepolia'],
  ['tempo too', [mpp({ id: 'tempo', method: 'tempo' })], 'tempo'],
  [
    'one that expires',
    [mpp({ id: 'lasting' }), mpp({ id: 'passing', expires: at(60_000) })],
    'passing',
  ],
  [
    'the one that expires first',
    [mpp({ id: 'later', expires: at(90_000) }), mpp({ id: 'sooner', expires: at(60_000) })],
    'sooner',
  ],
  [
    'the preferred network before the one that expires first',
    [mpp({ id: 'sepolia', expires: at(1_000) }), evm('base', 8453)],
    'base',
  ],
  ['the first of equals', [mpp({ id: 'first' }), mpp({ id: 'second' })], 'first'],
  [
    'one that has not expired',
    [mpp({ id: 'over', expires: at(0) }), mpp({ id: 'open', expires: at(1) })],
    'open',
  ],
  [
    'one in another time zone',
    [mpp({ id: 'over', expires: '2026-01-01T01:00:00+02:00' }), mpp({ id: 'open' })],
    'open',
  ],
  ['one whose expiry nobody can read', [mpp({ id: 'odd', expires: '1' })], 'odd'],
  ['one that expires on no day', [mpp({ id: 'odd', expires: '2026-13-41T00:00:00Z' })], 'odd'],
  ['one without time zone', [mpp({ id: 'odd', expires: '2020-01-01T00:00:00' })], 'odd'],
])('of challenges %s is paid', async (_, challenges, expected) => {
  expect(await chosen(www(...challenges))).toMatchObject({ id: expected })
})

test.each<[string, string[], string]>([
  ['mainnet by default', [solana('dev', 'devnet'), solana('main')], 'main'],
  ['mainnet by name', [solana('test', 'testnet'), solana('main', 'mainnet-beta')], 'main'],
  ['devnet before testnet', [solana('test', 'testnet'), solana('dev', 'devnet')], 'dev'],
  ['localnet last', [solana('local', 'localnet'), solana('test', 'testnet')], 'test'],
  ['localnet if need be', [solana('local', 'localnet')], 'local'],
  ['what is for it', [mpp({ id: 'evm' }), solana('main')], 'main'],
])('a wallet for Solana pays %s', async (_, challenges, expected) => {
  expect(await chosen(www(...challenges), 'SOLANA')).toMatchObject({ id: expected })
})

test('an order of the caller holds for MPP', async () => {
  const challenges = www(evm('base', 8453), evm('sepolia', 84532))
  for (const order of [['eip155:84532'], ['base-sepolia']]) {
    expect(await chosen(challenges, 'ETHEREUM', order)).toMatchObject({ id: 'sepolia' })
  }
  expect(await chosen(www(evm('s', 84532), evm('b', 8453)), 'ETHEREUM', [])).toMatchObject({
    id: 's',
  })
})

test.each<[string, Record<string, unknown>]>([
  ['a list', { 'www-authenticate': ['Basic realm="a"', mpp()] }],
  ['two spellings', { 'www-authenticate': 'Basic realm="a"', 'WWW-Authenticate': mpp() }],
  [
    'two spellings the other way round',
    { 'WWW-Authenticate': mpp(), 'www-authenticate': 'Basic realm="a"' },
  ],
  ['one header among others', www('Basic realm="a"', mpp(), 'Digest realm="b, c"')],
  ['a list with what is no text', { 'www-authenticate': [7, mpp(), null] }],
])('challenges in %s are found', async (_, headers) => {
  expect(await chosen(headers)).toMatchObject({ id: 'mpp-1' })
})

test('Headers of fetch join what came several times', async () => {
  const { pay } = await paying()
  const headers = new Headers()
  headers.append('WWW-Authenticate', 'Basic realm="a"')
  headers.append('WWW-Authenticate', mpp())
  expect(Object.keys(await pay({ headers }))).toEqual(['Authorization'])
})

test.each([
  ['without an id', mpp({ id: ' ' })],
  ['without a realm', mpp({ realm: '' })],
  ['whose request is no base64url', mpp({ request: 'a+b=' })],
  ['whose request is no object', mpp({ request: Buffer.from('[1]').toString('base64url') })],
  ['of another scheme', mpp().replace('Payment', 'Paymentx')],
])('a challenge %s is none', async (_, challenge) => {
  const { pay } = await paying()
  const error = await failure(pay({ headers: www(challenge) }))
  expect(error).toMatchObject({ code: 'challenge_unreadable' })
})
