import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { getAddress } from 'viem'
import {
  HTTPFacilitatorClient,
  OptionsError,
  createInterceptor,
  requiresPayment,
  type InterceptorOptions,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import { allTextOf, challengeOf, hello, stack } from '../../support/seller.js'
import { callWith, countingShop, inCents } from './support/money.js'
import { SHOP } from './support/x402-payments.js'

// What a mistyped payee gets is lost.

type Fields = Record<string, unknown>

const facilitators = [new HTTPFacilitatorClient({ url: 'http://127.0.0.1:1' })]
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const GOOD = { price: '$0.01' as const, payTo: SHOP, network: 'eip155:84532', facilitators }
const ON_SOLANA = {
  ...GOOD,
  network: SOLANA,
  price: { amount: '1', asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' },
}
const PLANS = { verifyPermissions: async () => ({}), settlePermissions: async () => ({}) }

function thrownBy(make: () => unknown): OptionsError {
  try {
    make()
  } catch (error) {
    if (error instanceof OptionsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Both doors, given options. */
const DOORS = {
  requiresPayment: (options: unknown) => requiresPayment(hello, options as RequiresPaymentOptions),
  createInterceptor: (options: unknown) => createInterceptor(options as InterceptorOptions),
}
const doors = Object.entries(DOORS)

/** From EIP-55. */
const RIGHT = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x27b1fdb04752bbc536007a920d24acb045561c26',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
]
const WRONG = [
  '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9ADb',
  '0x036cbD53842c5426634e7929541eC2318f3dCF7e',
]
const NOBODYS = [
  `0x${'0'.repeat(40)}`,
  `0x${'0'.repeat(39)}1`,
  `0x${'0'.repeat(36)}dEaD`,
  `0x${'dead'.repeat(10)}`,
  `0xdead${'0'.repeat(36)}`,
  `0x${'f'.repeat(40)}`,
  '0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE',
]
const OTHERS = [` ${SHOP}`, `${SHOP} `, `${SHOP}\n`, SHOP.replace('0x', '0X'), `0x${SHOP}`]

test.each(RIGHT)('the payee %s is taken', (payTo) => {
  for (const [, door] of doors) expect(door({ ...GOOD, payTo })).toBeDefined()
})

test.each(
  [...WRONG, ...NOBODYS, ...OTHERS].flatMap((payTo) =>
    doors.map((door) => [payTo, ...door] as const),
  ),
)('the payee %j is refused by %s, at the top and in a row', (payTo, _, door) => {
  const atTop = thrownBy(() => door({ ...GOOD, payTo }))
  const inRow = thrownBy(() => door({ ...GOOD, tools: { a: { payTo } } }))
  expect([atTop.option, inRow.option]).toEqual(['payTo', 'tools.a.payTo'])
  expect(atTop.message).toMatch(/^payTo: expected an address .*, got /)
  expect(atTop.message).toContain(payTo.trim())
})

test.each([
  ['9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin', GOOD, 'an address of Solana'],
  [SHOP, ON_SOLANA, 'an address of an EVM chain'],
  ['shop.base.eth', GOOD, 'a name for an address'],
])('the payee %s is named as what it is', (payTo, options, kind) => {
  for (const [, door] of doors) {
    const { message } = thrownBy(() => door({ ...options, payTo }))
    expect(message).toContain(`got ${JSON.stringify(payTo)}`)
    expect(message).toContain(kind)
  }
})

test.each([
  `0x${'5'.repeat(64)}`,
  '5'.repeat(64),
  'test test test test test test test test test test test junk',
  '5'.repeat(88),
])('a secret in the place of a payee is not shown: %s', (payTo) => {
  const { message } = thrownBy(() => requiresPayment(hello, { ...GOOD, payTo }))
  expect(message).toContain(`got a text of ${payTo.length} characters, which may be a secret`)
  expect(message).not.toMatch(/test|5{9}/)
})

test('the contract of the token is no payee, in any case', () => {
  const usdc = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
  for (const payTo of [usdc, usdc.toLowerCase()]) {
    const error = thrownBy(() => requiresPayment(hello, { ...GOOD, payTo }))
    expect(error.message).toMatch(/^payTo: expected your own address, got that of the token/)
  }
})

test.each([...WRONG, ...NOBODYS])('the token %s is refused', (asset) => {
  const price = { amount: '1', asset, extra: { name: 'T', version: '1' } }
  expect(thrownBy(() => requiresPayment(hello, { ...GOOD, price })).option).toBe('price')
})

test('every address is taken as viem writes it, and in no other mixed case', () => {
  for (let i = 0; i < 200; i++) {
    const payTo = getAddress(`0x${randomBytes(20).toString('hex')}`)
    expect(requiresPayment(hello, { ...GOOD, payTo })).toBeDefined()
    const at = Array.from(payTo).findLastIndex((letter) => /[a-fA-F]/.test(letter))
    const letter = payTo.charAt(at)
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
    const changed = payTo.slice(0, at) + other + payTo.slice(at + 1)
    const isMixed = /[a-f]/.test(changed.slice(2)) && /[A-F]/.test(changed.slice(2))
    if (isMixed) {
      expect(() => requiresPayment(hello, { ...GOOD, payTo: changed })).toThrow('checksum')
    }
  }
})

test.each([
  ['9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin', true],
  ['So11111111111111111111111111111111111111112', true],
  ['1'.repeat(32), false],
  ['9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFi0', false],
  ['9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrp', false],
  ['z'.repeat(44), false],
  [' 9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin', false],
  [SHOP, false],
  ['So1', false],
])('the payee %j on Solana: taken %p', (payTo, isTaken) => {
  const make = () => requiresPayment(hello, { ...ON_SOLANA, payTo } as RequiresPaymentOptions)
  if (isTaken) expect(make()).toBeDefined()
  else expect(thrownBy(make).option).toBe('payTo')
})

test.each([...WRONG, NOBODYS[0], ` ${SHOP}`])(
  'a price that is computed in the token %j is an error of the operator: nothing runs, nothing is asked for',
  async (asset) => {
    const price = () => ({ amount: '10000', asset, extra: { name: 'T', version: '1' } })
    const shop = await countingShop({ price } as never)
    const output = await shop.handler(callWith())
    expect(challengeOf(output)).toBeUndefined()
    expect(allTextOf(output)).toContain('You were not charged')
    expect([shop.ran(), shop.local.x402.calls]).toEqual([0, []])
    expect(shop.events).toMatchObject([{ type: 'failed', code: 'price_invalid' }])
  },
)

const AWS = ['aws:base', 'aws:solana', 'AWS:base-sepolia', 'aws-us-gov:base', 'aws']
const AS_PLANS = { facilitator: PLANS, planId: 'p', scheme: 'nvm:erc4337' }
const NAMING: [string, string, (network: string) => Fields][] = [
  ['of a price', 'network', (network) => ({ ...GOOD, network })],
  ['of a plan', 'network', (network) => ({ ...AS_PLANS, network })],
  [
    'of a price beside plans',
    'network',
    (network) => ({ ...GOOD, network, planId: 'p', payments: { facilitator: PLANS, plans: {} } }),
  ],
  [
    'of rpcUrls',
    'rpcUrls.',
    (network) => ({ ...GOOD, rpcUrls: { [network]: 'https://x.example' } }),
  ],
]

test.each(
  AWS.flatMap((network) =>
    NAMING.flatMap((naming) => doors.map((door) => [network, ...naming, ...door] as const)),
  ),
)(
  '%s as the network %s is refused by name: %s, %p, %s',
  (network, _, option, options, __, door) => {
    const error = thrownBy(() => door(options(network)))
    expect(error.option).toBe(option === 'rpcUrls.' ? `rpcUrls.${network}` : option)
    expect(error.message).toContain(`AWS Marketplace ("${network}") are not sold yet`)
  },
)

test('a network that only begins like those is none of them', () => {
  const terms = { network: 'awsome:1', payTo: 'x', price: { amount: '1', asset: 'y' } }
  expect(requiresPayment(hello, { ...GOOD, ...terms } as RequiresPaymentOptions)).toBeDefined()
})

test.each<[unknown, string | undefined]>([
  [{ 'eip155:84532': 'https://sepolia.base.org' }, undefined],
  [{ 'eip155:84532': ['https://a.example/key', 'http://127.0.0.1:8545'] }, undefined],
  [{}, undefined],
  ['https://sepolia.base.org', 'rpcUrls'],
  [['https://sepolia.base.org'], 'rpcUrls'],
  [null, 'rpcUrls'],
  [{ 'eip155:84532': 'http://rpc.example' }, 'rpcUrls.eip155:84532'],
  [{ 'eip155:84532': 'https://user:pass@rpc.example' }, 'rpcUrls.eip155:84532'],
  [{ 'eip155:84532': 'sepolia.base.org' }, 'rpcUrls.eip155:84532'],
  [{ 'eip155:84532': [] }, 'rpcUrls.eip155:84532'],
  [{ 'eip155:84532': 5 }, 'rpcUrls.eip155:84532'],
  [{ 'base-sepolia': 'https://sepolia.base.org' }, 'rpcUrls.base-sepolia'],
  [{ [SOLANA]: 'https://x.example' }, `rpcUrls.${SOLANA}`],
])('rpcUrls %j', (rpcUrls, option) => {
  const make = () => requiresPayment(hello, { ...GOOD, rpcUrls } as RequiresPaymentOptions)
  if (option === undefined) return void expect(make()).toBeDefined()
  expect(thrownBy(make).option).toBe(option)
  expect(thrownBy(make).message).not.toContain('pass')
})

test('rpcUrls are for prices in money', async () => {
  const options = { ...AS_PLANS, network: 'eip155:84532', rpcUrls: {} }
  const make = () => requiresPayment(hello, options as unknown as RequiresPaymentOptions)
  expect(thrownBy(make).option).toBe('rpcUrls')
  expect(requiresPayment(hello, inCents(await stack()))).toBeDefined()
})
