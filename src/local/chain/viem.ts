/** viem is not installed. It signs, checks signatures and speaks to a chain. */
export class ViemMissing extends Error {
  override readonly name = 'ViemMissing'

  constructor(options?: ErrorOptions) {
    super('viem is not installed: npm install viem', options)
  }
}

/**
 * Loads viem's functions that make keys and sign.
 *
 * @throws ViemMissing
 */
export function loadAccounts() {
  return load(() => import('viem/accounts'))
}

/**
 * Loads viem's functions for hashes, addresses and signatures.
 *
 * @throws ViemMissing
 */
export function loadUtilities() {
  return load(() => import('viem/utils'))
}

/**
 * Loads viem's clients of a chain.
 *
 * @throws ViemMissing
 */
export function loadClients() {
  return load(() => import('viem'))
}

async function load<T>(loading: () => Promise<T>): Promise<T> {
  try {
    return await loading()
  } catch (error) {
    if (isMissing(error)) throw new ViemMissing({ cause: error })
    throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}
