import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import path from 'node:path'

/** A local chain of Foundry. */
export interface Anvil {
  rpcUrl: string
  close: () => Promise<void>
}

/**
 * Ends the chain when its starter ends, however that ended: the pipe that `cat` reads from is closed then.
 * The script waits for both processes, so that nothing is left of them.
 */
const TOGETHER = `exec 3<&0
"$@" </dev/null 3<&- & chain=$!
{ cat <&3 >/dev/null; kill $chain; } & watch=$!
wait $chain; kill $watch; wait`

/**
 * Starts a chain.
 *
 * @param binary the default is the npm package of Foundry, if it is installed in the working directory, else
 * `anvil` on the PATH
 * @returns `undefined` if it does not start, e.g. on a system without a shell
 */
export async function startAnvil(
  chainId: number,
  binary: string = installed() ?? 'anvil',
): Promise<Anvil | undefined> {
  const options = ['--chain-id', String(chainId), '--host', '127.0.0.1', '--port', '0']
  const child = spawn('sh', ['-c', TOGETHER, 'sh', binary, ...options], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve()).once('error', () => resolve())
  })
  const address = await Promise.race([addressOf(child), ended])
  if (address === undefined) {
    child.stdin.end()
    return undefined
  }
  // The chain does not keep its starter alive.
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref()
  const close = (): Promise<void> => {
    child.ref()
    child.stdin.end()
    return ended
  }
  return { rpcUrl: `http://${address}`, close }
}

/** Node's names of processors, and the names in Foundry's packages. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * The path of an installed anvil.
 *
 * @see https://www.npmjs.com/package/@foundry-rs/anvil
 */
function installed(): string | undefined {
  const { platform, arch } = process
  const name = `@foundry-rs/anvil-${platform}-${ARCHITECTURES[arch] ?? arch}`
  const here = createRequire(path.resolve('package.json'))
  try {
    return path.join(path.dirname(here.resolve(`${name}/package.json`)), 'bin', 'anvil')
  } catch {
    return undefined
  }
}

/**
 * Reads the address that the chain prints. It goes on reading for as long as the chain lives, since a full
 * pipe would stop the chain.
 */
function addressOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    stdout?.on('data', (chunk: Buffer) => {
      if (said.length < 65_536) said += chunk.toString()
      const address = /Listening on (\S+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}
