import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from '@jest/globals'
import {
  CreatePaymentInstrumentCommand,
  DeletePaymentInstrumentCommand,
  GetPaymentInstrumentBalanceCommand,
  GetPaymentInstrumentCommand,
  ListPaymentInstrumentsCommand,
  type CreatePaymentInstrumentCommandInput,
} from '@aws-sdk/client-bedrock-agentcore'
import { isAddress } from 'viem'
import { base58 } from '../../../src/local/chain/base58.js'
import { buyer, buyerOf, clock, refusal, type Buyer } from './support/payments-service.js'

const LINKED = [{ email: { emailAddress: 'buyer@example.com' } }]

function create(
  { base, paymentConnectorId }: Buyer,
  network: 'ETHEREUM' | 'SOLANA',
  more: Partial<CreatePaymentInstrumentCommandInput> = {},
) {
  return new CreatePaymentInstrumentCommand({
    ...base,
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network, linkedAccounts: LINKED } },
    ...more,
  })
}

test.each(['ETHEREUM', 'SOLANA'] as const)(
  'a wallet on %s is made and found again',
  async (network) => {
    const time = clock()
    const paying = await buyer({ now: time.now })
    const { data, base, service, paymentConnectorId } = paying
    const created = await data.send(create(paying, network))
    const { paymentInstrument } = created
    const at = new Date(time.now())
    expect(created.$metadata.httpStatusCode).toBe(201)
    expect(paymentInstrument).toEqual({
      ...base,
      paymentInstrumentId: expect.stringMatching(/^payment-instrument-[0-9a-zA-Z-]{15}$/),
      paymentConnectorId,
      paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
      paymentInstrumentDetails: {
        embeddedCryptoWallet: {
          network,
          linkedAccounts: LINKED,
          walletAddress: expect.any(String),
          redirectUrl: expect.stringContaining(`${service.url}/wallets/consent/`),
        },
      },
      status: 'ACTIVE',
      createdAt: at,
      updatedAt: at,
    })
    const { paymentInstrumentId } = { ...paymentInstrument }
    for (const more of [{}, { paymentConnectorId }]) {
      const get = new GetPaymentInstrumentCommand({ ...base, paymentInstrumentId, ...more })
      expect((await data.send(get)).paymentInstrument).toEqual(paymentInstrument)
    }
    const summary = { ...paymentInstrument, paymentInstrumentDetails: undefined }
    const listed = await data.send(new ListPaymentInstrumentsCommand(base))
    expect(listed.paymentInstruments).toEqual([summary])
  },
)

test('addresses are those of their networks, and each wallet has its own', async () => {
  const { instrument, service } = await buyer()
  for (const network of ['ETHEREUM', 'SOLANA', 'ETHEREUM', 'SOLANA'] as const) {
    await instrument(network)
  }
  const [a = '', b = '', c = '', d = ''] = service.instruments().map(({ address }) => address)
  expect([isAddress(a), isAddress(c), a === c]).toEqual([true, true, false])
  expect([isSolanaAddress(b), isSolanaAddress(d), b === d]).toEqual([true, true, false])
})

test.each([
  ['48656c6c6f20576f726c6421', '2NEpo7TZRRrLZSi2U'],
  ['0000287fb4cd', '11233QC4'],
])('base58 of %s is %s', (hex, text) => {
  expect(base58(Buffer.from(hex, 'hex'))).toBe(text)
})

/** Whether it is base58 over a point of the curve. */
function isSolanaAddress(address: string): boolean {
  const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const value = Array.from(address).reduce(
    (sum, one) => sum * 58n + BigInt(letters.indexOf(one)),
    0n,
  )
  const x = Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
  expect(x).toHaveLength(32)
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
  })
  return !verify(null, Buffer.from('message'), key, Buffer.alloc(64, 1))
}

test('no key of a wallet is anywhere in what the service tells', async () => {
  const { instrument, service } = await buyer()
  await instrument()
  const told = JSON.stringify([service.instruments(), service.calls])
  expect(told).not.toMatch(/0x[\da-f]{64}\b/i)
  expect(Object.keys(service.instruments()[0] ?? {})).toEqual([
    'id',
    'userId',
    'network',
    'status',
    'redirectUrl',
    'address',
  ])
})

test('a deleted instrument is not found again, and its record stays', async () => {
  const { data, base, paymentConnectorId, instrument, service } = await buyer()
  const named = { ...base, paymentConnectorId, paymentInstrumentId: await instrument() }
  const deleted = await data.send(new DeletePaymentInstrumentCommand(named))
  expect(deleted).toMatchObject({ status: 'DELETED', $metadata: { httpStatusCode: 200 } })
  const gone = {
    name: 'ResourceNotFoundException',
    message: `Payment instrument not found: ${named.paymentInstrumentId}`,
    $metadata: { httpStatusCode: 404 },
  }
  expect(await refusal(data.send(new GetPaymentInstrumentCommand(named)))).toMatchObject(gone)
  expect(await refusal(data.send(new DeletePaymentInstrumentCommand(named)))).toMatchObject(gone)
  const balance = { ...named, chain: 'BASE', token: 'USDC' } as const
  const asked = data.send(new GetPaymentInstrumentBalanceCommand(balance))
  expect(await refusal(asked)).toMatchObject(gone)
  const { paymentInstruments } = await data.send(new ListPaymentInstrumentsCommand(base))
  expect(paymentInstruments).toEqual([])
  expect(service.instruments()).toMatchObject([{ status: 'DELETED' }])
})

test('what belongs to another user, manager or connector does not exist', async () => {
  const owner = await buyer()
  const { data, service } = owner
  const other = service.addManager()
  const paymentInstrumentId = await owner.instrument()
  const { paymentConnectorId } = owner
  const asked = [
    { ...buyerOf(owner, owner, 'user-2').base, paymentConnectorId },
    { ...buyerOf(owner, other).base, paymentConnectorId },
    { ...owner.base, paymentConnectorId: other.paymentConnectorId },
  ]
  for (const one of asked) {
    for (const command of [
      new GetPaymentInstrumentCommand({ ...one, paymentInstrumentId }),
      new DeletePaymentInstrumentCommand({ ...one, paymentInstrumentId }),
    ]) {
      const error = await refusal(data.send(command as GetPaymentInstrumentCommand))
      expect(error.name).toBe('ResourceNotFoundException')
    }
    const { paymentInstruments } = await data.send(new ListPaymentInstrumentsCommand(one))
    expect(paymentInstruments).toEqual([])
  }
  expect(service.instruments()).toMatchObject([{ status: 'ACTIVE' }])
})

test('a connector that is unknown, or of another manager, makes no instrument', async () => {
  const paying = await buyer()
  const { paymentConnectorId } = paying.service.addManager()
  for (const one of ['nothing-0123456789', paymentConnectorId]) {
    const error = await refusal(
      paying.data.send(create(paying, 'SOLANA', { paymentConnectorId: one })),
    )
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' })
  }
  expect(paying.service.instruments()).toEqual([])
})

test('a wallet that exists elsewhere is not taken', async () => {
  const paying = await buyer()
  const wallet = { network: 'ETHEREUM' as const, linkedAccounts: LINKED, walletAddress: '0x1' }
  const details = { paymentInstrumentDetails: { embeddedCryptoWallet: wallet } }
  expect(await refusal(paying.data.send(create(paying, 'ETHEREUM', details)))).toMatchObject({
    name: 'ValidationException',
    fieldList: [{ name: 'paymentInstrumentDetails.embeddedCryptoWallet.walletAddress' }],
  })
})

test('a balance is what the wallet was funded with, chain by chain', async () => {
  const { data, base, paymentConnectorId, instrument, service } = await buyer()
  const paymentInstrumentId = await instrument()
  service.fund(paymentInstrumentId, 1_500_000n)
  service.fund(paymentInstrumentId, 1n)
  service.fund(paymentInstrumentId, 7n, 'BASE')
  const balance = async (chain: 'BASE' | 'BASE_SEPOLIA' | 'ETHEREUM') => {
    const asked = {
      ...base,
      paymentConnectorId,
      paymentInstrumentId,
      chain,
      token: 'USDC' as const,
    }
    return data.send(new GetPaymentInstrumentBalanceCommand(asked))
  }
  const shape = { decimals: 6, token: 'USDC', network: 'ETHEREUM' }
  expect(await balance('BASE_SEPOLIA')).toMatchObject({
    paymentInstrumentId,
    tokenBalance: { ...shape, amount: '1500001', chain: 'BASE_SEPOLIA' },
  })
  expect(await balance('BASE')).toMatchObject({ tokenBalance: { amount: '7', chain: 'BASE' } })
  expect(await balance('ETHEREUM')).toMatchObject({ tokenBalance: { amount: '0' } })
})

test('a balance is asked for where it is kept, by address', async () => {
  const asked: unknown[] = []
  const balanceOf = (wallet: unknown) => (asked.push(wallet), Promise.resolve(42n))
  const { data, base, paymentConnectorId, instrument, service } = await buyer({ balanceOf })
  const paymentInstrumentId = await instrument('SOLANA')
  const chain = 'SOLANA_DEVNET' as const
  const named = { ...base, paymentConnectorId, paymentInstrumentId, token: 'USDC' as const }
  const answer = await data.send(new GetPaymentInstrumentBalanceCommand({ ...named, chain }))
  expect(answer).toMatchObject({ tokenBalance: { amount: '42', network: 'SOLANA', chain } })
  const address = service.instruments()[0]?.address
  expect(asked).toEqual([{ address, chain, token: 'USDC' }])
  const onBase = new GetPaymentInstrumentBalanceCommand({ ...named, chain: 'BASE' })
  expect(await refusal(data.send(onBase))).toMatchObject({
    name: 'ValidationException',
    fieldList: [
      { name: 'chain', message: 'Member must be a chain of SOLANA, where the wallet is' },
    ],
  })
})

test('where consent is awaited, an instrument pays once its page was opened', async () => {
  const { pay, instrument, session, service } = await buyer({ consent: 'awaited' })
  const [wallet, limited] = [await instrument(), await session('1.00')]
  await expect(pay(wallet, limited)).rejects.toThrow(`inactive: it is INITIATED`)
  const redirectUrl = String(service.instruments()[0]?.redirectUrl)
  const closed = await fetch(redirectUrl, { method: 'POST' })
  const wrong = await fetch(redirectUrl.replace(/.$/, (last) => (last === '0' ? '1' : '0')))
  expect([closed.status, wrong.status]).toEqual([405, 404])
  await expect(pay(wallet, limited)).rejects.toThrow('INITIATED')
  for (const time of ['first', 'second']) {
    const page = await fetch(redirectUrl)
    expect([time, page.status, page.headers.get('content-type')]).toEqual([
      time,
      200,
      'text/html; charset=utf-8',
    ])
    expect(await page.text()).toContain('The wallet is yours to use')
  }
  await pay(wallet, limited)
  service.setInstrumentStatus(wallet, 'BLOCKED')
  expect((await fetch(redirectUrl)).status).toBe(404)
  expect(service.instruments()).toMatchObject([{ status: 'BLOCKED' }])
})

test('a peek at an instrument that is none says so', async () => {
  const { service } = await buyer()
  expect(() => service.setInstrumentStatus('x', 'ACTIVE')).toThrow('no instrument x')
})
