import { OptionsError } from '../../errors/payment-error.js'
import { ViemMissing } from '../chain/viem.js'
import { startAnvil } from './anvil.js'
import { CHAIN_ID } from '../chain/asset.js'
import type { Bank } from './bank.js'
import { createLedgerBank } from './ledger-bank.js'
import type { MoneyBooks } from './money-books.js'

export interface BankOptions {
  /** With `'auto'`, a chain is taken if one starts. */
  chain?: boolean | 'auto'
  anvilPath?: string
}

/**
 * Opens a chain or a ledger.
 *
 * @param books what a ledger holds. A chain begins anew.
 * @throws OptionsError if a chain is wanted and none starts.
 */
export async function openBank(
  { chain = false, anvilPath }: BankOptions,
  books: MoneyBooks,
): Promise<Bank> {
  if (chain === false) return createLedgerBank(books)
  const bank = await startChain(anvilPath)
  if (typeof bank !== 'string') return bank
  if (chain === 'auto') return createLedgerBank(books)
  throw new OptionsError('x402.chain', bank)
}

/**
 * Starts a chain.
 *
 * @returns a text that says why, if there is none.
 */
async function startChain(anvilPath: string | undefined): Promise<Bank | string> {
  const anvil = await startAnvil(CHAIN_ID, anvilPath)
  if (anvil === undefined) {
    return 'no anvil starts here: put one on the PATH, see https://getfoundry.sh'
  }
  try {
    const { createChainBank } = await import('./chain-bank.js')
    return await createChainBank(anvil)
  } catch (error) {
    await anvil.close()
    if (error instanceof ViemMissing) return 'a chain is spoken to with viem: npm install viem'
    throw error
  }
}
