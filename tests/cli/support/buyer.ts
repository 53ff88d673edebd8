import { spawn } from 'node:child_process'
import path from 'node:path'

const CLI = path.resolve('dist/cli.js')

/** How a command that buys ended. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs `agentcore-x402` with these variables and no others of the kind that wallets are made of. */
export function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ended> & { interrupt: () => void } {
  const all = { PATH: process.env['PATH'] ?? '', ...env }
  const child = spawn(process.execPath, [CLI, ...args], {
    env: all,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => (ended.stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (ended.stderr += text.toString()))
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const result = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(late)
      resolve({ ...ended, code })
    })
  })
  return Object.assign(result, { interrupt: () => void child.kill('SIGINT') })
}
