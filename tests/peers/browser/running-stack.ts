import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A stack of the command line that lives for several tests. */
export interface RunningStack {
  url: string
  /** Everything that it has printed. */
  said: () => string
  close: () => Promise<void>
}

/** Starts `agentcore-x402 local`, which keeps nothing. */
export async function runningStack(...args: string[]): Promise<RunningStack> {
  const cli = path.resolve('dist/cli.js')
  const options = ['local', '--ledger', '--no-folder', '--credits', '5000', ...args]
  const child = spawn(process.execPath, [cli, ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
  const closed = once(child, 'close')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const url = (): string | undefined => /^export NVM_BACKEND_URL='(.+)'$/m.exec(said)?.[1]
  // The last line of what it says at the start.
  while (!said.includes('Every call prints a line here:')) {
    if (child.exitCode !== null) throw new Error(`the stack has ended: ${said}`)
    await Promise.race([once(child.stdout, 'data'), closed])
  }
  return {
    url: url() ?? '',
    said: () => said,
    async close() {
      child.kill()
      await closed
    },
  }
}
