import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { plain } from './terminal.js'

const CLI = path.resolve('dist/cli.js')

/** A running `agentcore-x402 local`, and what it has printed. */
export class LocalStack {
  readonly #child: ChildProcessWithoutNullStreams
  #printed = ''
  #errors = ''

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(file, args, { env: { ...withoutColours(), ...env } })
    this.#child.stdout.on('data', (chunk: Buffer) => (this.#printed += chunk.toString()))
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()))
  }

  /** The standard output, with its colours. */
  get printed(): string {
    return this.#printed.replaceAll('\r\n', '\n')
  }

  get errors(): string {
    return this.#errors
  }

  /** Waits until what was printed has something. @throws if that takes too long. */
  async find<T>(
    what: string,
    seek: (text: string) => T | undefined | null,
    limitMs = 10_000,
  ): Promise<T> {
    const endsAt = Date.now() + limitMs
    for (;;) {
      const found = seek(plain(`${this.printed}\n${this.errors}`))
      if (found !== undefined && found !== null) return found
      if (Date.now() > endsAt) throw new Error(`no ${what} in:\n${this.printed}\n${this.errors}`)
      await sleep(20)
    }
  }

  until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.find(String(pattern), (text) => pattern.exec(text))
  }

  async variable(name: string): Promise<string> {
    return (await this.until(new RegExp(`^export ${name}='(.+)'$`, 'm')))[1] ?? ''
  }

  /** Ends it as a person does. @returns its exit code. */
  async end(): Promise<unknown> {
    if (this.#child.exitCode === null) {
      if (this.#child.spawnfile === 'script') this.#child.stdin.write('\u0003')
      else this.#child.kill('SIGINT')
      await once(this.#child, 'exit')
    }
    return this.#child.exitCode
  }
}

const stacks: LocalStack[] = []

/** Ends every stack that a test file started. */
export async function endStacks(): Promise<void> {
  await Promise.all(stacks.splice(0).map((stack) => stack.end()))
}

/** Starts it in a pseudo-terminal. */
export function localInTerminal(args: readonly string[], env?: NodeJS.ProcessEnv): LocalStack {
  const words = [process.execPath, CLI, 'local', '--port', '0', '--ledger', '--no-folder', ...args]
  const command = `stty cols 200 rows 40; exec ${words.map((word) => `'${word}'`).join(' ')}`
  return started('script', ['--quiet', '--return', '--command', command, '/dev/null'], env)
}

/** Starts it with pipes. */
export function localPiped(args: readonly string[], env?: NodeJS.ProcessEnv): LocalStack {
  return started(
    process.execPath,
    [CLI, 'local', '--port', '0', '--ledger', '--no-folder', ...args],
    env,
  )
}

function started(file: string, args: readonly string[], env?: NodeJS.ProcessEnv): LocalStack {
  const stack = new LocalStack(file, args, env)
  stacks.push(stack)
  return stack
}

function withoutColours(): NodeJS.ProcessEnv {
  const env = { ...process.env, TERM: 'xterm-256color' } as NodeJS.ProcessEnv
  delete env['NO_COLOR']
  delete env['FORCE_COLOR']
  return env
}
