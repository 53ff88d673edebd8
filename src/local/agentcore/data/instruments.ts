import type { infer as Infer } from 'zod/mini'
import { conflict, invalid, notFound, refused } from '../world/aws-error.js'
import { connectorOf } from '../control/connectors.js'
import { consentUrl } from './consent.js'
import type {
  CreatePaymentInstrumentInput,
  DeletePaymentInstrumentInput,
  GetPaymentInstrumentInput,
  ListPaymentInstrumentsInput,
} from './data-plane-shapes.js'
import { newId } from '../world/ids.js'
import { isUsable } from '../world/lifecycle.js'
import { ownerOf, type Owner } from '../world/owner.js'
import { newEthereumWallet, newSolanaWallet } from '../world/wallets.js'
import { without } from '../world/without.js'
import { iso, type Call, type Instrument, type World } from '../world/world.js'

export async function createInstrument(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentInstrumentInput>,
) {
  const owner = ownerOf(world, call, input)
  const connector = connectorOf(world, owner.manager.id, input.paymentConnectorId)
  if (!isUsable(connector)) {
    throw conflict(`Payment connector ${connector.id} is ${connector.status}`)
  }
  const { network, linkedAccounts } = walletAsked(input)
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
    redirectUrl: consentUrl(call.origin, id),
    status: world.consent === 'given' ? 'ACTIVE' : 'INITIATED',
    wallet,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  world.instruments.set(id, instrument)
  if (network === 'ETHEREUM') await world.purse?.fund(wallet.address, world.purse.walletFunds)
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

/** Marks an instrument as deleted. The record stays, but no call finds it again. */
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

/** Finds an instrument of the owner, deleted or not. */
export function instrumentOf(world: World, owner: Owner, id: string): Instrument | undefined {
  const instrument = world.instruments.get(id)
  return instrument !== undefined && isOf(owner, instrument) ? instrument : undefined
}

/**
 * Finds an instrument of the owner that is not deleted.
 *
 * @throws AwsFault ResourceNotFoundException, also if the instrument was deleted or is another connector's.
 */
export function kept(
  world: World,
  owner: Owner,
  id: string,
  connectorId: string | undefined,
): Instrument {
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

function walletAsked({ paymentInstrumentDetails }: Infer<typeof CreatePaymentInstrumentInput>) {
  const { embeddedCryptoWallet: wallet } = paymentInstrumentDetails
  const name = 'paymentInstrumentDetails.embeddedCryptoWallet'
  if (wallet === undefined) throw invalid([{ name, message: 'Member must not be null' }])
  if (wallet.walletAddress === undefined) return wallet
  const message = 'Member must be absent: the service makes its own wallets'
  throw invalid([{ name: `${name}.walletAddress`, message }])
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
