import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { PaymentManager } from '../../agentcore/payment-manager.js'
import { payerOf } from '../../client/buying/payer-of.js'
import type { Payer } from '../../client/buying/payer.js'
import { notLoaded } from '../../errors/not-loaded.js'
import { BUYER } from '../../local/chain/asset.js'
import { readState } from '../../local/kept-state.js'
import { createSigner, mintApiKey } from '../../local/nevermined/token.js'
import { Payments } from '../../payments.js'
import { isLoopback } from '../../wire/loopback.js'
import { caip2 } from '../../wire/networks.js'
import type { Requirement } from '../../wire/x402-challenge.js'
import { Ended, UsageError } from '../ended.js'
import type { BuyOptions, WalletName } from './buy-options.js'

/** Somebody who can pay. */
export interface Wallet {
  readonly name: WalletName
  /** Who it is, in words. */
  readonly words: string
  readonly payer: Payer
  readonly canPay: (offer: Requirement) => boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const isPlan = ({ planId }: Requirement): boolean => typeof planId === 'string'
/** What {@link payerOf} signs. */
const isSigned = ({ scheme, network, extra, planId }: Requirement): boolean =>
  scheme === 'exact' &&
  planId === undefined &&
  caip2(network).startsWith('eip155:') &&
  extra?.['assetTransferMethod'] !== 'permit2'

/** The wallets of this machine that may pay at a URL, the first choice first. */
export async function walletsFor(
  url: URL,
  options: BuyOptions,
  env: Environment,
): Promise<Wallet[]> {
  const all = [
    ...agentCoreWallet(env),
    ...(await keyWallet(env)),
    ...neverminedWallet(env),
    ...(await localWallets(url, options, env)),
  ]
  const { wallet } = options
  if (wallet === undefined) return all
  const chosen = all.filter(({ name }) => name === wallet)
  if (chosen.length === 0) throw new UsageError(`--wallet ${wallet} needs ${NEEDS[wallet]}`)
  return chosen
}

/** What makes each wallet. */
export const NEEDS: Readonly<Record<WalletName, string>> = {
  agentcore:
    'PAYMENT_MANAGER_ARN, PAYMENT_USER_ID, PAYMENT_INSTRUMENT_ID and PAYMENT_SESSION_ID in the environment',
  key: 'a private key in X402_BUYER_KEY',
  nevermined: "a subscriber's key in NVM_SUBSCRIBER_API_KEY",
  local: 'a URL of this machine, and the folder of a local stack (--folder)',
}

function agentCoreWallet(env: Environment): Wallet[] {
  const { PAYMENT_MANAGER_ARN: paymentManagerArn, PAYMENT_USER_ID: userId } = env
  const { PAYMENT_INSTRUMENT_ID: paymentInstrumentId, PAYMENT_SESSION_ID: paymentSessionId } = env
  if (!paymentManagerArn || !userId || !paymentInstrumentId || !paymentSessionId) return []
  const payer = new PaymentManager({
    ...{ paymentManagerArn, userId, paymentInstrumentId, paymentSessionId },
  })
  const words = `AgentCore payments, instrument ${paymentInstrumentId}`
  return [{ name: 'agentcore', words, payer, canPay: (offer) => !isPlan(offer) }]
}

async function keyWallet(env: Environment): Promise<Wallet[]> {
  const key = env['X402_BUYER_KEY']
  if (!key) return []
  if (!/^0x[\da-f]{64}$/i.test(key)) {
    throw new UsageError('X402_BUYER_KEY expects a private key: 0x and 64 hexadecimal digits')
  }
  return [await signingWallet('key', key as `0x${string}`, 'the key in X402_BUYER_KEY')]
}

async function signingWallet(name: WalletName, key: `0x${string}`, whose: string): Promise<Wallet> {
  const { privateKeyToAccount } = await import('viem/accounts').catch((error: unknown) => {
    throw new Ended(`a private key signs with viem, which ${notLoaded('viem', error)}`)
  })
  const account = privateKeyToAccount(key)
  const payer = payerOf(account)
  return { name, words: `${account.address}, ${whose}`, payer, canPay: isSigned }
}

function neverminedWallet(env: Environment): Wallet[] {
  const nvmApiKey = env['NVM_SUBSCRIBER_API_KEY']
  if (!nvmApiKey) return []
  return [planWallet('nevermined', nvmApiKey, undefined)]
}

function planWallet(name: WalletName, nvmApiKey: string, backendUrl: string | undefined): Wallet {
  const payments = Payments.getInstance({ nvmApiKey, ...(backendUrl && { backendUrl }) })
  const words = `the subscriber ${payments.accountAddress} at ${payments.backendUrl}`
  return { name, words, payer: payments, canPay: isPlan }
}

/** The buyers of a local stack, which keeps them in its folder. Their money is worth nothing elsewhere. */
async function localWallets(url: URL, { folder }: BuyOptions, env: Environment): Promise<Wallet[]> {
  if (!isLoopback(url.hostname)) return []
  const file = path.join(folder, 'state.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  const { signerSecret, subscriberAddress } = readState(text, file)
  const key = mintApiKey(subscriberAddress, createSigner(Buffer.from(signerSecret, 'hex')))
  const backend = env['NVM_BACKEND_URL'] ?? (url.pathname === '/mcp' ? url.origin : undefined)
  return [
    planWallet('local', key, backend),
    await signingWallet('local', BUYER.privateKey, 'the buyer of the local stack'),
  ]
}
