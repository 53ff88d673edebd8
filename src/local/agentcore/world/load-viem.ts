import * as viem from '../../chain/viem.js'
import { refused } from './aws-error.js'

const NEEDED = 'The local payments service signs with viem: npm install viem'

/**
 * Loads viem's functions for keys and signatures.
 *
 * @throws AwsFault ValidationException that says what to install.
 */
export function loadAccounts() {
  return orRefuse(viem.loadAccounts)
}

/**
 * Loads viem's functions for hashes and addresses.
 *
 * @throws AwsFault ValidationException that says what to install.
 */
export function loadUtilities() {
  return orRefuse(viem.loadUtilities)
}

async function orRefuse<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof viem.ViemMissing) throw refused(NEEDED)
    throw error
  }
}
