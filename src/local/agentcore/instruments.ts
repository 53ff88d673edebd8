import { randomUUID } from 'node:crypto'
import type { infer as Infer } from 'zod/mini'
import { conflict, invalid, notFound, refused } from './aws-error.js'
import { connectorOf } from './connectors.js'
import type {
  CreatePaymentInstrumentInput,
  DeletePaymentInstrumentInput,
  GetPaymentInstrumentBalanceInput,
  GetPaymentInstrumentInput,
  ListPaymentInstrumentsInput,
} from './data-plane-shapes.js'
import { newId } from './ids.js'
import { ownerOf, type Owner } from './owner.js'
import { newEthereumWallet, newSolanaWallet } from './wallets.js'
import { without } from './without.js'
import { iso, type Call, type Instrument, type World } from './world.js'

/** Where a browser agrees to payments from a wallet. */
export const CONSENT_PATH = '/wallets/consent/'

const USABLE = ['READY', 'UPDATING', 'UPDATE_FAILED', 'DELETE_FAILED']

export async function createInstrument(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentInstrumentInput>,
) {
  const owner = ownerOf(world, call, input)
  const connector = connectorOf(world, owner.manager.id, input.paymentConnectorId)
  if (!USABLE.includes(connector.status)) {
    throw conflict(`Payment connector ${connector.id} is ${connector.status}`)
  }
  const { network, linkedAccounts, walletAddress } = walletAsked(input)
  if (walletAddress !== undefined) {
    const message = 'Member must be absent: the service makes its own wallets'
    throw invalid([
      { name: 'paymentInstrumentDetails.embeddedCryptoWallet.walletAddress', message },
    ])
  }
  const wallet = network === 'ETHEREUM' ? await newEthereumWallet() : newSolanaWallet()
  const nowMs = world.now()
  const id = newId('payment-instrument', 15)
  const instrument: Instrument = {
    serial: world.nextSerial(),
    id,
    managerArn: owner.manager.arn,
    connectorId: connector.id,
    userId: owner.userId,
    network,
    linkedAccounts,
    redirectUrl: `${call.origin}${CONSENT_PATH}${id}/${randomUUID()}`,
    status: world.consent === 'given' ? 'ACTIVE' : 'INITIATED',
    wallet,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  world.instruments.set(id, instrument)
  return { paymentInstrument: described(instrument) }
}

export function getInstrument(
  world: World,
  call: Call,
  input: Infer<typeof GetPaymentInstrumentInput>,
) {
  const { paymentInstrumentId, paymentConnectorId } = input
  const owner = ownerOf(world, call, input)
  return {
    paymentInstrument: described(kept(world, owner, paymentInstrumentId, paymentConnectorId)),
  }
}

export function listInstruments(
  world: World,
  call: Call,
  input: Infer<typeof ListPaymentInstrumentsInput>,
) {
  const owner = ownerOf(world, call, input, refused)
  const { paymentConnectorId: connectorId } = input
  const instruments = [...world.instruments.values()].filter(
    (one) =>
      isOf(owner, one) &&
      one.status !== 'DELETED' &&
      (connectorId === undefined || one.connectorId === connectorId),
  )
  const listing = `instruments ${owner.manager.arn} ${owner.userId} ${connectorId ?? ''}`
  const page = world.pages.cut(listing, instruments, ({ serial }) => serial, input)
  const items = page.items.map((one) => without(described(one), 'paymentInstrumentDetails'))
  return { paymentInstruments: items, nextToken: page.nextToken }
}

/** The record stays, and nobody finds it again. */
export function deleteInstrument(
  world: World,
  call: Call,
  input: Infer<typeof DeletePaymentInstrumentInput>,
) {
  const owner = ownerOf(world, call, input)
  const instrument = kept(world, owner, input.paymentInstrumentId, input.paymentConnectorId)
  instrument.status = 'DELETED'
  instrument.updatedAtMs = world.now()
  return { status: instrument.status }
}

const CHAINS = {
  BASE: 'ETHEREUM',
  BASE_SEPOLIA: 'ETHEREUM',
  ETHEREUM: 'ETHEREUM',
  SOLANA: 'SOLANA',
  SOLANA_DEVNET: 'SOLANA',
} as const

export async function getBalance(
  world: World,
  call: Call,
  input: Infer<typeof GetPaymentInstrumentBalanceInput>,
) {
  const owner = ownerOf(world, call, input)
  const instrument = kept(world, owner, input.paymentInstrumentId, input.paymentConnectorId)
  const { chain, token } = input
  if (CHAINS[chain] !== instrument.network) {
    const message = `Member must be a chain of ${instrument.network}, where the wallet is`
    throw invalid([{ name: 'chain', message }])
  }
  const units = await world.balanceOf(instrument, chain, token)
  const { network, id } = instrument
  return {
    paymentInstrumentId: id,
    tokenBalance: { amount: units.toString(), decimals: 6, token, network, chain },
  }
}

/** An instrument of the owner, deleted or not. */
export function instrumentOf(world: World, owner: Owner, id: string): Instrument | undefined {
  const instrument = world.instruments.get(id)
  return instrument !== undefined && isOf(owner, instrument) ? instrument : undefined
}

/** Somebody opened a path below {@link CONSENT_PATH}. @returns false where nothing was awaited. */
export function consent(world: World, path: string): boolean {
  const id = path.slice(CONSENT_PATH.length).split('/')[0] ?? ''
  const instrument = world.instruments.get(id)
  if (!instrument?.redirectUrl.endsWith(path)) return false
  if (instrument.status !== 'INITIATED') return instrument.status === 'ACTIVE'
  instrument.status = 'ACTIVE'
  instrument.updatedAtMs = world.now()
  return true
}

function kept(world: World, owner: Owner, id: string, connectorId: string | undefined): Instrument {
  const instrument = instrumentOf(world, owner, id)
  const isThere = instrument !== undefined && instrument.status !== 'DELETED'
  if (isThere && (connectorId ?? instrument.connectorId) === instrument.connectorId) {
    return instrument
  }
  throw notFound(`Payment instrument not found: ${id}`)
}

function isOf({ manager, userId }: Owner, instrument: Instrument): boolean {
  return instrument.managerArn === manager.arn && instrument.userId === userId
}

function walletAsked({
  paymentInstrumentDetails: details,
}: Infer<typeof CreatePaymentInstrumentInput>) {
  const { embeddedCryptoWallet } = details
  if (embeddedCryptoWallet !== undefined) return embeddedCryptoWallet
  throw invalid([{ name: 'paymentInstrumentDetails', message: 'Member must not be null' }])
}

function described(instrument: Instrument) {
  const { network, linkedAccounts, redirectUrl, wallet } = instrument
  return {
    paymentInstrumentId: instrument.id,
    paymentManagerArn: instrument.managerArn,
    paymentConnectorId: instrument.connectorId,
    userId: instrument.userId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: {
      embeddedCryptoWallet: { network, linkedAccounts, walletAddress: wallet.address, redirectUrl },
    },
    createdAt: iso(instrument.createdAtMs),
    status: instrument.status,
    updatedAt: iso(instrument.updatedAtMs),
  }
}
