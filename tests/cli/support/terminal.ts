import { execFile, execFileSync } from 'node:child_process'
import path from 'node:path'

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
export function inTerminal(columns: number, ...args: string[]): Promise<Ran> {
  const words = [process.execPath, CLI, 'payments', ...args].map((word) => `'${word}'`)
  const command = `stty cols ${columns} rows 40; exec ${words.join(' ')}`
  return ran('script', ['--quiet', '--return', '--command', command, '/dev/null'])
}

function ran(file: string, args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, TERM: 'xterm-256color' } as Record<string, string | undefined>
  delete env['NO_COLOR']
  delete env['FORCE_COLOR']
  const options = { env, timeout: 30_000 }
  return new Promise((resolve) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const { code = 0 } = (error ?? {}) as { code?: number }
      resolve({ code, stdout: stdout.replaceAll('\r\n', '\n'), stderr })
    })
    // Whoever is asked says no.
    child.stdin?.end('n\n')
  })
}

/** A text without colours, and without the progress that was wiped away. */
export function plain(text: string): string {
  const shown = text.replace(/[^\n]*\r\u001b\[2K/g, '')
  return shown.replace(/\u001b\[[\d;?]*[A-Za-z]|\r/g, '')
}
