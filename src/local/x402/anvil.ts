import { installedProgram } from '../programs/installed.js'
import { startTethered } from '../programs/tethered.js'

/** A local chain of Foundry. */
export interface Anvil {
  rpcUrl: string
  close: () => Promise<void>
}

/** Node's names of processors, and the names in Foundry's packages. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Starts a chain.
 *
 * @param binary the default is the npm package of Foundry, if it is installed in the working directory, else
 * `anvil` on the PATH
 * @returns `undefined` if it does not start, e.g. on a system without a shell
 * @see https://www.npmjs.com/package/@foundry-rs/anvil
 */
export async function startAnvil(
  chainId: number,
  binary: string = installed() ?? 'anvil',
): Promise<Anvil | undefined> {
  const command = [binary, '--chain-id', String(chainId), '--host', '127.0.0.1', '--port', '0']
  const anvil = await startTethered(command, /Listening on (\S+)\s/)
  return anvil && { rpcUrl: `http://${anvil.said}`, close: anvil.close }
}

function installed(): string | undefined {
  const { platform, arch } = process
  const name = `@foundry-rs/anvil-${platform}-${ARCHITECTURES[arch] ?? arch}`
  return installedProgram(name, 'bin/anvil')
}
