import { randomBytes } from 'node:crypto'
import { OptionsError, PaymentError } from '../../errors/payment-error.js'
import { inCall } from '../../errors/in-call.js'
import { toAmount } from '../../wire/amounts.js'
import { isRecord } from '../../wire/json.js'
import { caip2 } from '../../wire/networks.js'
import { DEFAULT_VALID_SECONDS, TRANSFER_WITH_AUTHORIZATION } from '../../wire/signed-terms.js'
import type { Requirement } from '../../wire/x402-challenge.js'
import { PAYMENT_META_KEY } from '../../wire/x402.js'
import type { PayFunction } from './payer.js'

/** An account that signs: one of viem (`privateKeyToAccount`, `toAccount`), or any object of this shape. */
export interface SigningAccount {
  /** The account's address on EVM networks. Its form is `0x` and 40 hexadecimal digits. */
  readonly address: string
  /** Signs typed data of EIP-712. */
  signTypedData: (typedData: {
    domain: Record<string, unknown>
    types: Record<string, unknown>
    primaryType: string
    message: Record<string, unknown>
  }) => Promise<string>
}

/**
 * Makes a payer that signs with an account of its own, for `payingFetch`, `payingAxios` and `payingMcp`. It
 * pays the scheme `exact` on EVM networks, to sellers of x402 v1 and v2. It signs a transfer of EIP-3009, as
 * USDC has it. It needs no gas and asks no node.
 *
 * A signed payment is valid for as long as the seller asks. The limit `maxTimeoutSeconds` refuses sellers
 * that ask for more.
 *
 * A call rejects with a {@link PaymentError} with code `payment_unusable` if the seller asks for anything
 * else. Nothing was paid then.
 *
 * @example
 * const payer = payerOf(privateKeyToAccount(process.env.PRIVATE_KEY))
 * const fetch = payingFetch(payer, {
 *   budgets: { 'base/0x8335…2913': { maxAmountPerPayment: 10_000n, total: 1_000_000n } },
 * })
 * @throws OptionsError if it is no account that signs.
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md
 */
export function payerOf(account: SigningAccount): PayFunction {
  inCall('payerOf', { account }, () => checkAccount(account))
  return async ({ resource, extensions }, { requirement, signal }) => {
    const { domain, authorization } = transferFor(requirement, account.address)
    signal?.throwIfAborted()
    const { value, validAfter, validBefore } = authorization
    const message = {
      ...authorization,
      ...{ value: BigInt(value), validAfter: BigInt(validAfter), validBefore: BigInt(validBefore) },
    }
    const signature = await account.signTypedData({ domain, types: TYPES, primaryType, message })
    const payload = {
      x402Version: 2,
      resource,
      accepted: requirement,
      payload: { signature, authorization },
      ...(extensions && { extensions }),
    }
    return { meta: { [PAYMENT_META_KEY]: payload } }
  }
}

const primaryType = 'TransferWithAuthorization'

const TYPES = { [primaryType]: TRANSFER_WITH_AUTHORIZATION }

/** How far the clocks of nodes may be behind. Unit: seconds. */
const EARLIER_SECONDS = 600

function transferFor({ scheme, network, amount, ...terms }: Requirement, from: string) {
  const { asset, payTo, extra, maxTimeoutSeconds = DEFAULT_VALID_SECONDS } = terms
  const { name, version, assetTransferMethod = 'eip3009' } = extra ?? {}
  const [, chainId] = /^eip155:(\d{1,15})$/.exec(caip2(network)) ?? []
  const value = toAmount(amount)
  if (scheme !== 'exact' || chainId === undefined || assetTransferMethod !== 'eip3009') {
    throw cannotPay(`${scheme} on ${network}`)
  }
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw cannotPay('a token whose name and version are missing in extra')
  }
  if (value === undefined || !isAddress(asset) || !isAddress(payTo)) {
    throw cannotPay('an amount, asset or payTo that is invalid')
  }
  if (typeof maxTimeoutSeconds !== 'number' || !(maxTimeoutSeconds > 0)) {
    throw cannotPay('a maxTimeoutSeconds that is invalid')
  }
  const nowSeconds = Math.floor(Date.now() / 1000)
  const authorization = {
    from,
    to: payTo,
    value: value.toString(),
    validAfter: `${nowSeconds - EARLIER_SECONDS}`,
    validBefore: `${nowSeconds + Math.floor(maxTimeoutSeconds)}`,
    nonce: `0x${randomBytes(32).toString('hex')}`,
  }
  return {
    domain: { name, version, chainId: Number(chainId), verifyingContract: asset },
    authorization,
  }
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^0x[\da-f]{40}$/i.test(value)
}

function cannotPay(what: string): PaymentError {
  const message = `the account pays exact on EVM networks by EIP-3009, and was asked for ${what}`
  return new PaymentError('payment_unusable', `${message}; nothing was paid`)
}

function checkAccount(account: unknown): void {
  const { address, signTypedData } = isRecord(account) ? account : {}
  if (isAddress(address) && typeof signTypedData === 'function') return
  throw new OptionsError(
    'account',
    'expected an account with address and signTypedData, e.g. of viem',
  )
}
