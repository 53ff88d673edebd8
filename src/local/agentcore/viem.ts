import { refused } from './aws-error.js'

const NEEDED = 'The local payments service signs with viem: npm install viem'

/** Loads what signs. @throws AwsFault ValidationException that says what to install. */
export function loadAccounts() {
  return load(() => import('viem/accounts'))
}

/** Loads hashes and addresses. @throws AwsFault ValidationException that says what to install. */
export function loadUtilities() {
  return load(() => import('viem/utils'))
}

async function load<T>(loading: () => Promise<T>): Promise<T> {
  try {
    return await loading()
  } catch (error) {
    if (isMissing(error)) throw refused(NEEDED)
    throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}
