/** What signs, checks signatures and speaks to a chain is not installed. */
export class ViemMissing extends Error {
  override readonly name = 'ViemMissing'

  constructor(options?: ErrorOptions) {
    super('viem is not installed: npm install viem', options)
  }
}

/** What makes keys and signs with them. @throws ViemMissing */
export function loadAccounts() {
  return load(() => import('viem/accounts'))
}

/** Hashes, addresses and signatures. @throws ViemMissing */
export function loadUtilities() {
  return load(() => import('viem/utils'))
}

/** What speaks to a chain. @throws ViemMissing */
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
