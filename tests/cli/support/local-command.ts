import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach } from '@jest/globals'

export const CLI = path.resolve('dist/cli.js')

/** A running `agentcore-x402 local`, as a user sees it. */
export interface LocalCommand {
  child: ChildProcessWithoutNullStreams
  /** Everything that was printed so far. */
  said: () => string
  /** The value of a variable that was printed. */
  variable: (name: string) => string
  /** Waits until a text was printed. */
  until: (text: RegExp) => Promise<string>
  /** Waits until it has ended by itself. @returns its exit code. */
  ended: () => Promise<number | null>
  /** Ends it, and waits for its end. */
  end: (signal?: NodeJS.Signals) => Promise<void>
}

const commands: LocalCommand[] = []
afterEach(() => Promise.all(commands.splice(0).map((command) => command.end('SIGKILL'))))
const folders: string[] = []
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))))

/** Makes a folder to work in. It is deleted when the test file ends. */
export async function workFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-work-'))
  folders.push(folder)
  return folder
}

/** Starts `agentcore-x402 local` on a free port, and waits until it has said everything. */
export async function startCommand(cwd: string, ...args: string[]): Promise<LocalCommand> {
  const command = runCommand(cwd, '--ledger', '--port', '0', ...args)
  await command.until(/127\.0\.0\.1 bedrock-agentcore\.\S+ \S+\n/)
  return command
}

/** Starts `agentcore-x402 local`, and does not wait. */
export function runCommand(cwd: string, ...args: string[]): LocalCommand {
  const child = spawn(process.execPath, [CLI, 'local', ...args], { cwd })
  const closed = once(child, 'close')
  let text = ''
  const add = (chunk: Buffer) => (text += chunk.toString())
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  const command: LocalCommand = {
    child,
    said: () => text,
    variable: (name) => new RegExp(`^export ${name}='(.+)'$`, 'm').exec(text)?.[1] ?? '',
    async until(pattern) {
      while (!pattern.test(text)) {
        if (child.exitCode !== null) throw new Error(`it has ended: ${text}`)
        const more = [child.stdout, child.stderr].map((stream) => once(stream, 'data'))
        await Promise.race([...more, closed])
      }
      return text
    },
    async ended() {
      await closed
      return child.exitCode
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      await closed
    },
  }
  commands.push(command)
  return command
}
