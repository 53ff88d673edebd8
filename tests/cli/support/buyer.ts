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
  { cwd, stdin = '' }: { cwd?: string; stdin?: string } = {},
): Promise<Ended> & { interrupt: () => void } {
  const all = { PATH: process.env['PATH'] ?? '', ...env }
  const child = spawn(process.execPath, [CLI, ...args], { env: all, cwd })
  child.stdin.end(stdin)
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

/** Runs it in a shell, with its standard output somewhere else. @returns the exit code and the standard error. */
export function cliInto(
  output: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Pick<Ended, 'code' | 'stderr'>> {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ')
  const all = { PATH: process.env['PATH'] ?? '', ...env }
  const child = spawn('bash', ['-c', `${words} ${output}`], { env: all })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })))
}
