import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that serves DynamoDB's API. */
export interface Program {
  name: string
  command: string
  /** Whether a conditional write is one step, also if several come at once. */
  isAtomic: boolean
}

/** The engine of `tests/peers`. */
export const DYNOXIDE: Program = {
  name: 'dynoxide',
  command: path.resolve('tests/peers/node_modules/@dynoxide/linux-x64/dynoxide'),
  isAtomic: true,
}

/** The server of PyPI's `moto[server]`, if the machine has it. */
const MOTO: Program = { name: 'moto', command: 'moto_server', isAtomic: false }

/** Whether the engine is installed on which every test runs. */
export const IS_INSTALLED = existsSync(DYNOXIDE.command)

/** Every engine that this machine has. */
export function programs(): Program[] {
  const hasMoto = spawnSync(MOTO.command, ['--help'], { timeout: 20_000 }).status === 0
  return [...(IS_INSTALLED ? [DYNOXIDE] : []), ...(hasMoto ? [MOTO] : [])]
}

/** A running server with DynamoDB's API. */
export interface Engine {
  endpoint: string
  /** Ends it as a crash would. */
  stop: () => Promise<void>
}

/** Starts the engine on a free port. It keeps everything in memory. */
export async function startEngine(program = DYNOXIDE): Promise<Engine> {
  const port = await freePort()
  const options = ['--host', '127.0.0.1', '--port', String(port)]
  const child = spawn(program.command, options, { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const endOurs = (): void => void child.kill('SIGKILL')
  process.once('exit', endOurs)
  const endpoint = `http://127.0.0.1:${port}`
  await answering(endpoint, child)
  return {
    endpoint,
    async stop() {
      process.removeListener('exit', endOurs)
      endOurs()
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answering(endpoint: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(endpoint, { method: 'POST' }).catch(() => undefined)
    if (answer !== undefined) return
    await sleep(10)
  }
  throw new Error('the DynamoDB engine did not start')
}
