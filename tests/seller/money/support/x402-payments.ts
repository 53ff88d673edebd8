import { randomBytes } from 'node:crypto'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Local, LocalX402 } from '../../../../src/local/index.js'
import { clockOf, inSeconds } from '../../../support/clock.js'
import { TRANSFER_TYPES } from '../../../support/eip3009.js'

export type Account = ReturnType<typeof privateKeyToAccount>

/** What differs in a payment from what it should be. */
export interface Terms {
  amount?: string
  payTo?: string
  /** Unit: seconds since the epoch. */
  validAfter?: bigint
  /** Unit: seconds since the epoch. */
  validBefore?: bigint
  /** The amount that is signed, instead of the right one. */
  signedAmount?: string
  /** The payee that is signed, instead of `payTo`. */
  signedPayTo?: string
  /** The EIP-712 domain of the token, as signed and announced. */
  name?: string
  version?: string
  nonce?: `0x${string}`
}

/** The body of verify and settle. */
export interface PaymentBody {
  x402Version: 1 | 2
  paymentPayload: Record<string, unknown>
  paymentRequirements: Record<string, unknown>
}

export const SHOP = '0x1111111111111111111111111111111111111111'
const PERMIT = {
  PermitWitnessTransferFrom: [
    { name: 'permitted', type: 'TokenPermissions' },
    { name: 'spender', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
    { name: 'witness', type: 'Witness' },
  ],
  TokenPermissions: [
    { name: 'token', type: 'address' },
    { name: 'amount', type: 'uint256' },
  ],
  Witness: [
    { name: 'to', type: 'address' },
    { name: 'facilitator', type: 'address' },
    { name: 'validAfter', type: 'uint256' },
  ],
} as const

/** Makes a new account with $1. */
export async function fundedAccount({ x402 }: Local, amount = 1_000_000n): Promise<Account> {
  const account = privateKeyToAccount(generatePrivateKey())
  await x402.fund(account.address, amount)
  return account
}

/** Makes a payment by `exact` of x402 v2, as a buyer's wallet signs it. */
export async function exactBody(
  local: Local,
  account: Account,
  terms: Terms = {},
): Promise<PaymentBody> {
  const { amount = '10000', payTo = SHOP, name = 'USDC', version = '2' } = terms
  const paymentRequirements = {
    scheme: 'exact',
    network: 'eip155:84532',
    amount,
    asset: local.x402.asset.address,
    payTo,
    maxTimeoutSeconds: 60,
    extra: { name, version },
  }
  const all = { validBefore: inSeconds(60, clockOf(local)()), ...terms }
  const payload = await signedTransfer(local.x402, account, {
    ...all,
    amount,
    payTo,
    name,
    version,
  })
  const paymentPayload = { x402Version: 2, accepted: paymentRequirements, payload }
  return { x402Version: 2, paymentPayload, paymentRequirements }
}

/** Makes a payment by `exact` of x402 v1. */
export async function exactBodyV1(
  local: Local,
  account: Account,
  terms: Terms = {},
): Promise<PaymentBody> {
  const { paymentPayload, paymentRequirements } = await exactBody(local, account, terms)
  const { amount, ...rest } = paymentRequirements
  const named = { scheme: 'exact', network: 'base-sepolia' }
  const { payload } = paymentPayload
  return {
    x402Version: 1,
    paymentPayload: { x402Version: 1, ...named, payload },
    paymentRequirements: {
      ...rest,
      ...named,
      maxAmountRequired: amount,
      resource: 'https://shop.example/quote',
      description: '',
      mimeType: 'application/json',
    },
  }
}

/** Makes a payment by `upto`, of at most `signedAmount`. */
export async function uptoBody(
  local: Local,
  account: Account,
  terms: Terms & { facilitator?: string; spender?: string; token?: string } = {},
): Promise<PaymentBody> {
  const { amount = '10000', payTo = SHOP, signedAmount = amount, signedPayTo = payTo } = terms
  const { address: asset } = local.x402.asset
  const facilitatorAddress = terms.facilitator ?? (await facilitatorOf(local.x402))
  const permit2Authorization = {
    from: account.address,
    permitted: { token: terms.token ?? asset, amount: signedAmount },
    spender: terms.spender ?? '0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002',
    nonce: BigInt(terms.nonce ?? newNonce()).toString(),
    deadline: String(terms.validBefore ?? inSeconds(60, clockOf(local)())),
    witness: {
      to: signedPayTo,
      facilitator: facilitatorAddress,
      validAfter: String(terms.validAfter ?? 0n),
    },
  }
  const paymentRequirements = {
    scheme: 'upto',
    network: 'eip155:84532',
    amount,
    asset,
    payTo,
    maxTimeoutSeconds: 60,
    extra: { name: 'USDC', version: '2', facilitatorAddress },
  }
  const signature = await signPermit(account, permit2Authorization)
  const payload = { signature, permit2Authorization }
  const accepted = { ...paymentRequirements, amount: signedAmount }
  const paymentPayload = { x402Version: 2, accepted, payload }
  return { x402Version: 2, paymentPayload, paymentRequirements }
}

/** The functions that make a payment, by its kind. */
export const BODIES = { exact: exactBody, 'exact of v1': exactBodyV1, upto: uptoBody } as const
export type Kind = keyof typeof BODIES

/** The address that `/supported` names for `upto`. */
async function facilitatorOf({ url }: LocalX402): Promise<string> {
  const answer = await fetch(`${url}/supported`)
  const { kinds } = (await answer.json()) as {
    kinds: { scheme: string; extra?: { facilitatorAddress: string } }[]
  }
  return kinds.find(({ scheme }) => scheme === 'upto')?.extra?.facilitatorAddress ?? ''
}

/** Asks the facilitator over HTTP. */
export async function ask(
  { x402 }: Local,
  route: 'verify' | 'settle',
  body: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${x402.url}/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

function newNonce(): `0x${string}` {
  return `0x${randomBytes(32).toString('hex')}`
}

async function signedTransfer(
  { asset }: LocalX402,
  account: Account,
  terms: Terms & Required<Pick<Terms, 'amount' | 'payTo' | 'name' | 'version' | 'validBefore'>>,
) {
  const { amount, payTo, name, version } = terms
  const authorization = {
    from: account.address,
    to: (terms.signedPayTo ?? payTo) as `0x${string}`,
    value: terms.signedAmount ?? amount,
    validAfter: String(terms.validAfter ?? 0n),
    validBefore: String(terms.validBefore),
    nonce: terms.nonce ?? newNonce(),
  }
  const { value, validAfter, validBefore } = authorization
  const signature = await account.signTypedData({
    domain: {
      name,
      version,
      chainId: 84_532,
      verifyingContract: asset.address as `0x${string}`,
    },
    types: TRANSFER_TYPES,
    primaryType: 'TransferWithAuthorization',
    message: {
      ...authorization,
      value: BigInt(value),
      validAfter: BigInt(validAfter),
      validBefore: BigInt(validBefore),
    },
  })
  return { signature, authorization }
}

interface Permit {
  permitted: { token: string; amount: string }
  spender: string
  nonce: string
  deadline: string
  witness: { to: string; facilitator: string; validAfter: string }
}

function signPermit(account: Account, permit: Permit): Promise<`0x${string}`> {
  const { permitted, spender, nonce, deadline, witness } = permit
  return account.signTypedData({
    domain: {
      name: 'Permit2',
      chainId: 84_532,
      verifyingContract: '0x000000000022D473030F116dDEE9F6B43aC78BA3',
    },
    types: PERMIT,
    primaryType: 'PermitWitnessTransferFrom',
    message: {
      permitted: {
        token: permitted.token as `0x${string}`,
        amount: BigInt(permitted.amount),
      },
      spender: spender as `0x${string}`,
      nonce: BigInt(nonce),
      deadline: BigInt(deadline),
      witness: {
        to: witness.to as `0x${string}`,
        facilitator: witness.facilitator as `0x${string}`,
        validAfter: BigInt(witness.validAfter),
      },
    },
  })
}
