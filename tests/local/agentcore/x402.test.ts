import { expect, test } from '@jest/globals'
import { GetPaymentInstrumentCommand } from '@aws-sdk/client-bedrock-agentcore'
import { MERCHANT, buyer, clock, exact, refusal } from './support/payments-service.js'
import { isSigned, type SignedTransfer } from './support/transfers.js'

interface Proof {
  signature: `0x${string}`
  authorization: Omit<SignedTransfer, 'signature'>
}

/** Asks for a proof with changes to what is accepted. */
async function prove(accept: Record<string, unknown>, version = '2', options = {}) {
  const paying = await buyer(options)
  const instrument = await paying.instrument()
  const answer = await paying.pay(instrument, await paying.session(), exact(accept, version))
  return {
    ...paying,
    instrument,
    answer,
    proof: answer.paymentOutput?.cryptoX402?.payload as unknown as Proof,
  }
}

const LOCAL = {
  network: 'eip155:31337',
  asset: '0x5FBDB2315678AFECB367F032D93F642F64180AA3', // no checksum

  name: 'Test Dollar',
  version: '1',
  decimals: 18,
}

test.each([
  ['USDC of Base Sepolia, version 2', {}, '2', ['USDC', '2', 84532]],
  [
    'USDC of Base Sepolia, version 1',
    { network: 'base-sepolia', maxAmountRequired: '10000', amount: undefined },
    '1',
    ['USDC', '2', 84532],
  ],
  [
    'USDC of Base, in small letters',
    {
      network: 'eip155:8453',
      asset: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
      payTo: MERCHANT.toLowerCase(),
      extra: { name: 'USD Coin', version: '2', assetTransferMethod: 'eip3009' },
    },
    '2',
    ['USD Coin', '2', 8453],
  ],
  [
    'a token that was given',
    { network: LOCAL.network, asset: LOCAL.asset, extra: { name: LOCAL.name, version: '1' } },
    '2',
    ['Test Dollar', '1', 31337],
  ],
] as const)('a transfer of %s is signed by the wallet', async (_title, accept, version, domain) => {
  const time = clock()
  const options = { tokens: [LOCAL], now: time.now }
  const { answer, proof, data, base, instrument } = await prove(accept, version, options)
  const { paymentInstrument } = await data.send(
    new GetPaymentInstrumentCommand({ ...base, paymentInstrumentId: instrument }),
  )
  const wallet = paymentInstrument?.paymentInstrumentDetails?.embeddedCryptoWallet
  expect(proof).toEqual({
    signature: expect.stringMatching(/^0x[\da-f]{130}$/),
    authorization: {
      from: wallet?.walletAddress,
      to: MERCHANT,
      value: '10000',
      validAfter: '0',
      validBefore: String(time.now() / 1000 + 60),
      nonce: expect.stringMatching(/^0x[\da-f]{64}$/),
    },
  })
  expect(answer.paymentOutput?.cryptoX402?.version).toBe(version)
  const [name, domainVersion, chainId] = domain
  const asset = 'asset' in accept ? accept.asset : '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
  const { signature, authorization } = proof
  const isGood = (named: string) =>
    isSigned(
      { signature, ...authorization },
      { name: named, version: domainVersion, chainId, verifyingContract: asset },
    )
  await expect(isGood(name)).resolves.toBe(true)
  await expect(isGood('Other')).resolves.toBe(false)
})

test('the answer names the payment, and nothing of the wallet but its signature', async () => {
  const { answer, base, instrument, service } = await prove({})
  const { $metadata, paymentOutput, ...rest } = answer
  expect($metadata.httpStatusCode).toBe(200)
  expect(paymentOutput).toBeDefined()
  expect(rest).toEqual({
    processPaymentId: expect.stringMatching(/^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/),
    paymentManagerArn: base.paymentManagerArn,
    paymentSessionId: service.sessions()[0]?.id,
    paymentInstrumentId: instrument,
    paymentType: 'CRYPTO_X402',
    status: 'PROOF_GENERATED',
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  })
})

test('no proof is good for more than an hour', async () => {
  const time = clock()
  const { proof } = await prove({ maxTimeoutSeconds: 1_000_000 }, '2', { now: time.now })
  expect(Number(proof.authorization.validBefore) - time.now() / 1000).toBe(3600)
})

test('two payments of the same have proofs of their own', async () => {
  const { pay, instrument, proof, session } = await prove({})
  const again = await pay(instrument, await session())
  const second = again.paymentOutput?.cryptoX402?.payload as unknown as Proof
  expect(second.authorization.nonce).not.toBe(proof.authorization.nonce)
})

test.each([
  ['another scheme', { scheme: 'upto' }, /signs the scheme exact only/],
  ['no scheme', { scheme: undefined }, /signs the scheme exact only/],
  ['Solana', { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' }, /signs nothing on Solana/],
  ['a network of another kind', { network: 'cosmos:cosmoshub-3' }, /networks of EIP-155 only/],
  ['a name of version 1 in version 2', { network: 'base-sepolia' }, /networks of EIP-155 only/],
  ['no network', { network: undefined }, /must name its network/],
  ['an asset of another network', { network: 'eip155:8453' }, /unknown asset on eip155:8453/],
  ['an asset nobody knows', { asset: MERCHANT }, /unknown asset on eip155:84532/],
  ['no asset', { asset: undefined }, /unknown asset/],
  [
    'a domain of another name',
    { extra: { name: 'USD Coin', version: '2' } },
    /name USDC and version 2/,
  ],
  [
    'a domain of another version',
    { extra: { name: 'USDC', version: '1' } },
    /name USDC and version 2/,
  ],
  ['no domain', { extra: undefined }, /name USDC and version 2/],
  [
    'another way to transfer',
    { extra: { name: 'USDC', version: '2', assetTransferMethod: 'permit2' } },
    /EIP-3009 only/,
  ],
  ['an amount in dollars', { amount: '0.01' }, /atomic units/],
  ['an amount as a number', { amount: 10000 }, /atomic units/],
  ['a negative amount', { amount: '-1' }, /atomic units/],
  ['an amount beyond uint256', { amount: '9'.repeat(78) }, /atomic units/],
  ['the amount of version 1', { amount: undefined, maxAmountRequired: '1' }, /atomic units/],
  ['a name for an address', { payTo: 'merchant.eth' }, /payTo/],
  ['no timeout', { maxTimeoutSeconds: undefined }, /maxTimeoutSeconds/],
  ['half a second', { maxTimeoutSeconds: 0.5 }, /maxTimeoutSeconds/],
])('%s is refused, and nothing is spent', async (_title, accept, message) => {
  const { pay, instrument, session, service } = await buyer()
  const [wallet, limited] = [await instrument(), await session('1.00')]
  const error = await refusal(pay(wallet, limited, exact(accept)))
  expect(error).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed' })
  expect(error.message).toMatch(message)
  // Clients tell other cases by these words.
  expect(error.message).not.toMatch(/budget|insufficient|expired|instrument|inactive|not found/i)
  expect(service.sessions()[0]?.spent).toBe('0.00')
})

test.each([
  ['a version that is none', { ...exact({}, '3') }, /version must be 1 or 2/],
  [
    'a member of the other type',
    { ...exact(), paymentType: 'MPP' as const },
    /Member must have mpp where paymentType is MPP/,
  ],
  [
    'an allowance, which is for the scheme upto',
    {
      paymentInput: {
        cryptoX402: { ...exact().paymentInput?.cryptoX402, permit2AllowanceLimit: '1' },
      },
    },
    /for the scheme upto only/,
  ],
])('%s is refused', async (_title, more, message) => {
  const { pay, instrument, session } = await buyer()
  const error = await refusal(pay(await instrument(), await session(), more as object))
  expect(error).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } })
  expect(error.message).toMatch(message)
})

test('a wallet on Solana signs nothing', async () => {
  const { pay, instrument, session } = await buyer()
  const wallet = await instrument('SOLANA')
  const onSolana = exact({ network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' })
  const error = await refusal(pay(wallet, await session(), onSolana))
  expect(error.message).toBe('The local payments service signs nothing on Solana')
  await expect(pay(wallet, await session())).rejects.toThrow(
    `The wallet of payment instrument ${wallet} is on another network`,
  )
})
