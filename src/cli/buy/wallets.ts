import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { PaymentManager } from '../../agentcore/payment-manager.js'
import { payerOf } from '../../client/buying/payer-of.js'
import type { Payer } from '../../client/buying/payer.js'
import { BUYER } from '../../local/chain/asset.js'
import { ViemMissing, loadAccounts } from '../../local/chain/viem.js'
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
  /** Why it cannot pay an offer. `undefined` if it can. */
  readonly whyNot: (offer: Requirement) => string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Why a way to pay cannot be paid. */
type WhyNot = Wallet['whyNot']

const inMoneyOnly: WhyNot = ({ planId }) =>
  typeof planId === 'string' ? 'AgentCore payments pays no credits of plans' : undefined

const inCreditsOnly: WhyNot = ({ planId }) =>
  typeof planId === 'string' ? undefined : 'a subscriber of Nevermined pays in credits only'

/** What `payerOf` does not sign. */
const unlessSigned: WhyNot = ({ scheme, network, extra, planId }) => {
  if (typeof planId === 'string') return 'a private key pays no credits of plans'
  const { name, version, assetTransferMethod = 'eip3009' } = extra ?? {}
  if (
    scheme !== 'exact' ||
    !caip2(network).startsWith('eip155:') ||
    assetTransferMethod !== 'eip3009'
  ) {
    return 'a private key signs transfers of EIP-3009 on EVM networks, with the scheme exact'
  }
  const isNamed = typeof name === 'string' && typeof version === 'string'
  return isNamed ? undefined : 'its seller does not state name and version of the token in extra'
}

/** Wallets of a local stack are worth nothing elsewhere, and strangers could use them. */
function unlessHere(url: URL, whyNot: WhyNot): WhyNot {
  if (isLoopback(url.hostname)) return whyNot
  return () => 'the wallets of a local stack pay on this machine only'
}

/** The wallets of this machine that may pay at a URL, the first choice first. */
export async function walletsFor(
  url: URL,
  options: BuyOptions,
  env: Environment,
): Promise<Wallet[]> {
  const all = [
    ...agentCoreWallet(env),
    ...(await keyWallet(url, env)),
    ...neverminedWallet(url, env),
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
  key: 'a private key in X402_BUYER_KEY or EVM_PRIVATE_KEY',
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
  return [{ name: 'agentcore', words, payer, whyNot: inMoneyOnly }]
}

async function keyWallet(url: URL, env: Environment): Promise<Wallet[]> {
  const name = ['X402_BUYER_KEY', 'EVM_PRIVATE_KEY'].find((one) => env[one])
  const key = name === undefined ? undefined : env[name]?.toLowerCase().replace(/^(0x)?/, '0x')
  if (key === undefined) return []
  if (!/^0x[\da-f]{64}$/.test(key)) {
    throw new UsageError(`${name} expects a private key: 0x and 64 hexadecimal digits`)
  }
  const whyNot = key === BUYER.privateKey ? unlessHere(url, unlessSigned) : unlessSigned
  return [await signingWallet('key', key as `0x${string}`, { whose: `the key in ${name}`, whyNot })]
}

/** Whose key it is, and what it does not pay. */
interface Signing {
  readonly whose: string
  readonly whyNot: WhyNot
}

async function signingWallet(
  name: WalletName,
  key: `0x${string}`,
  { whose, whyNot }: Signing,
): Promise<Wallet> {
  try {
    const { privateKeyToAccount } = await loadAccounts()
    const account = privateKeyToAccount(key)
    return { name, words: `${account.address}, ${whose}`, payer: payerOf(account), whyNot }
  } catch (error) {
    if (!(error instanceof ViemMissing)) throw error
    const missing = 'a private key signs with viem, which is not installed: npm install viem'
    const payer = (): Promise<never> => Promise.reject(new Ended(missing))
    return { name, words: whose, payer, whyNot: (offer) => whyNot(offer) ?? missing }
  }
}

function neverminedWallet(url: URL, env: Environment): Wallet[] {
  const nvmApiKey = env['NVM_SUBSCRIBER_API_KEY']
  if (!nvmApiKey) return []
  const wallet = planWallet('nevermined', nvmApiKey, undefined)
  const isLocal = nvmApiKey.startsWith('local:')
  return [isLocal ? { ...wallet, whyNot: unlessHere(url, wallet.whyNot) } : wallet]
}

function planWallet(name: WalletName, nvmApiKey: string, backendUrl: string | undefined): Wallet {
  const payments = Payments.getInstance({ nvmApiKey, ...(backendUrl && { backendUrl }) })
  const words = `the subscriber ${payments.accountAddress} at ${payments.backendUrl}`
  return { name, words, payer: payments, whyNot: inCreditsOnly }
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
    await signingWallet('local', BUYER.privateKey, LOCAL_BUYER),
  ]
}

const LOCAL_BUYER: Signing = { whose: 'the buyer of the local stack', whyNot: unlessSigned }
