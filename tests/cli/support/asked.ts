import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const CLI = path.resolve('dist/cli.js')

/** A command that asks a person. */
export interface Asking {
  /** Waits until the terminal shows a text. */
  shows: (wanted: RegExp) => Promise<void>
  type: (keys: string) => void
  ended: () => Promise<{ code: number; stdout: string }>
}

/** Starts `agentcore-x402` in a pseudo-terminal of 100 columns. @param rest goes on after the command, e.g. `> file`. */
export function inPseudoTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  rest = '',
): Asking {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word}'`)
  const command = `stty cols 100 rows 40; exec ${words.join(' ')} ${rest}`
  const all = { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...env }
  const options = ['--quiet', '--return', '--command', command, '/dev/null']
  const child = spawn('script', options, { env: all })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  const closed = once(child, 'close') as Promise<[number]>
  return {
    async shows(wanted) {
      while (!wanted.test(stdout)) {
        if (child.exitCode !== null) throw new Error(`it ended, and showed: ${stdout}`)
        await Promise.race([once(child.stdout, 'data'), closed])
      }
    },
    type: (keys) => void child.stdin.write(keys),
    async ended() {
      const [code] = await closed
      return { code, stdout: stdout.replaceAll('\r\n', '\n') }
    },
  }
}
