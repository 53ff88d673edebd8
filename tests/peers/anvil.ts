import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Socket } from 'node:net'
import path from 'node:path'

export interface Anvil {
  rpcUrl: string
  close: () => Promise<void>
}

const INSTALLED = path.resolve('tests/peers/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil')
/**
 * Ends the chain with whoever started it, however that ended: the pipe that `cat` reads from is closed then.
 * What was ended is waited for, so that nothing is left of it.
 */
const TOGETHER = `exec 3<&0
"$@" </dev/null 3<&- & chain=$!
{ cat <&3 >/dev/null; kill $chain; } & watch=$!
wait $chain; kill $watch; wait`

/** A local chain of Foundry; `undefined` where it does not start. */
export async function startAnvil(chainId: number): Promise<Anvil | undefined> {
  const binary = existsSync(INSTALLED) ? INSTALLED : 'anvil'
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
  // It need not keep alive who started it.
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref()
  const close = (): Promise<void> => {
    child.ref()
    child.stdin.end()
    return ended
  }
  return { rpcUrl: `http://${address}`, close }
}

/** Reads on for as long as the chain lives: a full pipe would stop it. */
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
