import type { infer as Infer } from 'zod/mini'
import { invalid } from '../world/aws-error.js'
import type { GetPaymentInstrumentBalanceInput } from './data-plane-shapes.js'
import { kept } from './instruments.js'
import { ownerOf } from '../world/owner.js'
import type { Call, World } from '../world/world.js'

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
