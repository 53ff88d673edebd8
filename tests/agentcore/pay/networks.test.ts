import { expect, test } from '@jest/globals'
import {
  InvalidPaymentInstrument,
  NETWORK_PREFERENCES,
  type PaymentHeaderInput,
} from '../../../src/agentcore/index.js'
import { ACCEPT_V1, challengeV1, challengeV2, mpp, paying } from '../support/payment-header.js'
import { failure } from '../support/payment-manager.js'
import { ACCEPT } from '../../local/agentcore/support/payments-service.js'

const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const SOLANA_LONG = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'

type Family = 'ETHEREUM' | 'SOLANA'

/** The network AWS was asked to sign for. Whether it does is another matter. */
async function chosen(
  networks: readonly unknown[],
  more: Partial<PaymentHeaderInput> = {},
  family: Family = 'ETHEREUM',
) {
  const { pay, asked } = await paying({}, family)
  const body = challengeV2(networks.map((network) => ({ ...ACCEPT, network })))
  await pay({ body }, more).catch(() => undefined)
  return asked().map(({ cryptoX402 }) => cryptoX402?.payload.network)
}

test('the default order is that of AWS in Python', () => {
  expect(NETWORK_PREFERENCES).toEqual([
    'solana-mainnet',
    'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
    'eip155:8453',
    'eip155:1',
    'base',
    'eip155:42161',
    'eip155:10',
    'ethereum',
    'solana-devnet',
    'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
    'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
    'solana-testnet',
    'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
    'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY',
    'sepolia',
    'base-sepolia',
    'eip155:84532',
    'eip155:11155111',
  ])
  expect(Object.isFrozen(NETWORK_PREFERENCES)).toBe(true)
})

const ETHEREUM_ORDER = NETWORK_PREFERENCES.filter((network) => !network.startsWith('solana'))
const SOLANA_ORDER = NETWORK_PREFERENCES.filter((network) => network.startsWith('solana'))
const pairs = (order: readonly string[]) =>
  order.slice(1).map((later, i) => [order[i] ?? '', later])

test.each(pairs(ETHEREUM_ORDER))('%s is preferred to %s', async (first, second) => {
  expect(await chosen([second, first])).toEqual([first])
})

test.each(pairs(SOLANA_ORDER))('%s is preferred to %s on Solana', async (first, second) => {
  expect(await chosen([second, first], {}, 'SOLANA')).toEqual([first])
})

test.each<[Family, string[], string]>([
  ['ETHEREUM', [SOLANA, 'solana-mainnet', 'eip155:84532'], 'eip155:84532'],
  ['SOLANA', ['eip155:8453', 'base', 'solana-testnet'], 'solana-testnet'],
  ['SOLANA', ['eip155:8453', 'solana'], 'solana'],
  ['SOLANA', ['solana-devnet', SOLANA_LONG], SOLANA_LONG],
  ['ETHEREUM', ['EIP155:8453'], 'EIP155:8453'],
  ['ETHEREUM', ['eip155:84532', 'BASE'], 'BASE'],
])('a wallet for %s pays of %j only what it can: %s', async (family, networks, expected) => {
  expect(await chosen(networks, {}, family)).toEqual([expected])
})

test.each<[string, string[], string[], string[]]>([
  ['as given', ['base-sepolia', 'base'], ['base', 'base-sepolia'], ['base-sepolia']],
  ['in any case', ['BASE-Sepolia'], ['base', 'base-sepolia'], ['base-sepolia']],
  ['in any case of the seller', ['base-sepolia'], ['base', 'BASE-SEPOLIA'], ['BASE-SEPOLIA']],
  ['in either notation', ['eip155:84532'], ['base', 'base-sepolia'], ['base-sepolia']],
  ['in the other notation', ['base-sepolia'], ['base', 'eip155:84532'], ['eip155:84532']],
  [
    'in its first mention of a network',
    ['base-sepolia', 'eip155:8453', 'eip155:84532'],
    ['eip155:8453', 'eip155:84532'],
    ['eip155:84532'],
  ],
  ['of networks that are not offered', ['sepolia'], ['base-sepolia', 'base'], ['base-sepolia']],
  ['of networks for other wallets', [SOLANA], ['base-sepolia', 'base'], ['base-sepolia']],
  ['of nothing: the order of the seller', [], ['base-sepolia', 'base'], ['base-sepolia']],
  ['of a network that we do not know', ['eip155:9'], ['base', 'eip155:9'], ['eip155:9']],
])('an order of the caller is followed %s', async (_, networkPreferences, offered, expected) => {
  expect(await chosen(offered, { networkPreferences })).toEqual(expected)
})

test.each<[Family, string[], string]>([
  ['ETHEREUM', ['eip155:137'], 'eip155:137'],
  ['ETHEREUM', ['polygon'], 'polygon'],
  ['ETHEREUM', ['arbitrum', 'avalanche'], 'arbitrum'],
  ['ETHEREUM', ['eip155:137', 'eip155:11155111'], 'eip155:11155111'],
  ['ETHEREUM', ['eip155:5042002', 'eip155:137'], 'eip155:5042002'],
  ['SOLANA', ['solana:somewhere'], 'solana:somewhere'],
  ['SOLANA', ['solana:somewhere', 'solana-testnet'], 'solana-testnet'],
])('for %s, of %j %s is paid: unknown chains come last', async (family, networks, expected) => {
  expect(await chosen(networks, {}, family)).toEqual([expected])
})

test('entries without a network are passed over', async () => {
  expect(await chosen([undefined, null, 7, '', 'base'])).toEqual(['base'])
})

test.each<[Family, string[]]>([
  ['ETHEREUM', [SOLANA, 'solana-devnet', 'solana']],
  ['SOLANA', ['base', 'eip155:137']],
  ['ETHEREUM', ['near', 'bip122:000000000019d6689c085ae165831e93', 'eip155:', 'eip155:1x']],
  ['SOLANA', ['solanax', 'near']],
])('a wallet for %s can pay none of %j', async (family, networks) => {
  const { pay, asked } = await paying({}, family)
  const body = challengeV2(networks.map((network) => ({ ...ACCEPT, network })))
  const error = await failure(pay({ body }))
  expect(error).toBeInstanceOf(InvalidPaymentInstrument)
  expect(String(error)).toContain(family)
  expect(asked()).toEqual([])
})

test('v1 goes by the same order', async () => {
  const { pay, asked } = await paying()
  const body = challengeV1([ACCEPT_V1, { ...ACCEPT_V1, network: 'base' }])
  await pay({ body }).catch(() => undefined)
  expect(asked()[0]?.cryptoX402?.payload.network).toBe('base')
})

test('the order given to the manager is followed, unless a call has its own', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, calls } = await paying()
  const manager = managerWith({ networkPreferences: ['base-sepolia'] })
  const body = challengeV2([
    { ...ACCEPT, network: 'base' },
    { ...ACCEPT, network: 'base-sepolia' },
  ])
  const input = {
    paymentInstrumentId,
    paymentSessionId,
    paymentRequiredRequest: { statusCode: 402, body },
  }
  for (const own of [{}, { networkPreferences: [] }]) {
    await manager.generatePaymentHeader({ ...input, ...own }).catch(() => undefined)
  }
  const networks = calls('ProcessPayment').map(({ body }) => JSON.stringify(body))
  expect(networks[0]).toContain('"base-sepolia"')
  expect(networks[1]).toContain('"base"')
})

test.each(['near', 7, ['base', '']])('an order of %j is refused by name', async (value) => {
  const { pay, calls } = await paying()
  const before = calls().length
  const more = { networkPreferences: value as string[] }
  const error = await failure(pay({ body: challengeV2() }, more))
  expect(error).toMatchObject({ code: 'invalid_input' })
  expect(String(error)).toContain('networkPreferences')
  expect(calls()).toHaveLength(before)
})

test.each(['INITIATED', 'FAILED', 'BLOCKED'] as const)(
  'an instrument that is %s pays nothing',
  async (status) => {
    const { pay, asked, buyer, paymentInstrumentId } = await paying()
    buyer.service.setInstrumentStatus(paymentInstrumentId, status)
    for (const request of [{ body: challengeV2() }, { headers: { 'www-authenticate': mpp() } }]) {
      const error = await failure(pay(request))
      expect(error).toBeInstanceOf(InvalidPaymentInstrument)
      expect(String(error)).toContain(status)
    }
    expect(asked()).toEqual([])
  },
)

test.each<[string, (wallet: Record<string, unknown>) => unknown]>([
  ['of a network we do not know', (wallet) => ({ ...wallet, network: 'BITCOIN' })],
  ['of no network', (wallet) => ({ ...wallet, network: undefined })],
])('an instrument %s pays nothing', async (_, edit) => {
  const { pay, asked, buyer } = await paying()
  buyer.service.faults.set({
    operation: 'GetPaymentInstrument',
    kind: 'edit',
    edit: ({ paymentInstrument }) => {
      const instrument = paymentInstrument as Record<string, Record<string, never>>
      const { paymentInstrumentDetails: { embeddedCryptoWallet = {} } = {} } = instrument
      const details = { embeddedCryptoWallet: edit(embeddedCryptoWallet) }
      return { paymentInstrument: { ...instrument, paymentInstrumentDetails: details } }
    },
  })
  expect(await failure(pay({ body: challengeV2() }))).toBeInstanceOf(InvalidPaymentInstrument)
  expect(asked()).toEqual([])
})

test.each([
  ['of a kind we do not know', { paymentInstrumentDetails: { card: {} } }],
  ['without details', { paymentInstrumentDetails: undefined }],
  ['in no state', { status: undefined }],
  ['in a state we do not know', { status: 'PENDING' }],
])('an instrument %s pays nothing', async (_, change) => {
  const { pay, asked, buyer } = await paying()
  buyer.service.faults.set({
    operation: 'GetPaymentInstrument',
    kind: 'edit',
    edit: ({ paymentInstrument }) => ({
      paymentInstrument: { ...(paymentInstrument as object), ...change },
    }),
  })
  expect(await failure(pay({ body: challengeV2() }))).toBeInstanceOf(InvalidPaymentInstrument)
  expect(asked()).toEqual([])
})
