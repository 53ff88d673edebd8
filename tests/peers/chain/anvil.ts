import { existsSync } from 'node:fs'
import path from 'node:path'
import { startAnvil as startBinary, type Anvil } from '../../../src/local/x402/anvil.js'

const INSTALLED = path.resolve('tests/peers/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil')

/** The binary that tests start, where it is installed. */
export const ANVIL = existsSync(INSTALLED) ? INSTALLED : undefined

/** A local chain of Foundry; `undefined` where it does not start. */
export function startAnvil(chainId: number): Promise<Anvil | undefined> {
  return startBinary(chainId, ANVIL)
}
