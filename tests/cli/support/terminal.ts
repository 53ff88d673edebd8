import { execFile, execFileSync } from 'node:child_process'
import path from 'node:path'
import { inPseudoTerminal, type Asking } from './asked.js'

const CLI = path.resolve('dist/cli.js')

/** What a command did. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** @returns why there is no pseudo-terminal on this machine. */
export function whyNoTerminal(): string | undefined {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return '"script" of util-linux is not installed'
  }
}

/** Runs `agentcore-x402 payments` with pipes. */
export function piped(...args: string[]): Promise<Ran> {
  return ran(process.execPath, [CLI, 'payments', ...args])
}

/** Runs it in a pseudo-terminal of so many columns. */
export async function inTerminal(columns: number, ...args: string[]): Promise<Ran> {
  const words = [process.execPath, CLI, 'payments', ...args].map((word) => `'${word}'`)
  const command = `stty cols ${columns} rows 40; exec ${words.join(' ')}`
  const shown = await ran('script', ['--quiet', '--return', '--command', command, '/dev/null'])
  return { ...shown, stdout: shown.stdout.replaceAll('\r\n', '\n') }
}

/** Starts `agentcore-x402 payments` in a pseudo-terminal. @param rest goes on after the command, e.g. `> file`. */
export function startInTerminal(args: readonly string[], rest = ''): Asking {
  return inPseudoTerminal(['payments', ...args], environment(), rest)
}

/** Runs a line of a shell, in which `$CLI` is the command. Its exit code is that of `$CLI` in a pipe, too. */
export function inShell(line: string): Promise<Ran> {
  const words = `'${process.execPath}' '${CLI}' payments`
  return ran('bash', ['-c', `set -o pipefail; ${line.replaceAll('$CLI', words)}`])
}

function ran(file: string, args: readonly string[]): Promise<Ran> {
  const options = { env: environment(), timeout: 30_000, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const { code = 0 } = (error ?? {}) as { code?: number }
      resolve({ code, stdout, stderr })
    })
    // Whoever is asked says no.
    child.stdin?.end('n\n')
  })
}

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' }
  delete env['NO_COLOR']
  delete env['FORCE_COLOR']
  return env
}

/** A text without colours, and without the progress that was wiped away. */
export function plain(text: string): string {
  const shown = text.replace(/[^\n]*\r\u001b\[2K/g, '')
  return shown.replace(/\u001b\[[\d;?]*[A-Za-z]|\r/g, '')
}
