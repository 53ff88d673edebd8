import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Ended } from '../ended.js'
import { Progress } from '../output/progress.js'

/** What npm's errors say if nothing answers. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT)\b/
/** What npm's errors say if the registry has no such package or version. */
const UNKNOWN_PACKAGE = /\b(E404|ETARGET|ENOVERSIONS)\b/
/** So much of the end of what npm says is kept. Unit: characters. */
const MAX_SAID_CHARS = 256 * 1024

/**
 * Runs `npm install` in a folder, with the npm of this Node. A terminal shows meanwhile how long it takes. If this process
 * ends, npm ends too.
 *
 * @returns how long it took. Unit: s.
 * @throws Ended if npm fails. What npm said is printed before.
 */
export async function install(folder: string): Promise<number> {
  const startedAt = Date.now()
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1_000)
  const progress = new Progress()
  const show = (): void => progress.say(`npm installs the packages: ${seconds()} s`)
  show()
  const timer = setInterval(show, 1_000)
  const { code, said } = await runNpm(folder).finally(() => {
    clearInterval(timer)
    progress.end()
  })
  if (code === 0) return seconds()
  process.stderr.write(said)
  throw new Ended(`npm install failed${whyOf(said)}. The files are written: run npm install again`)
}

function whyOf(said: string): string {
  if (UNREACHABLE.test(said)) {
    return ': npm cannot reach its registry, e.g. since this machine has no network'
  }
  if (UNKNOWN_PACKAGE.test(said)) {
    return ': the registry does not have a package. With --package, npm takes agentcore-x402 from elsewhere'
  }
  return ''
}

interface NpmEnd {
  readonly code: number | null
  /** What npm said. */
  readonly said: string
}

function runNpm(folder: string): Promise<NpmEnd> {
  const flags = ['install', '--no-audit', '--no-fund', '--loglevel=error']
  const [file, args, shell] = npmCommand(flags)
  const child = spawn(file, args, { cwd: folder, shell, stdio: ['ignore', 'ignore', 'pipe'] })
  const end = (): void => void child.kill()
  process.once('exit', end)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-MAX_SAID_CHARS)
  })
  return new Promise<NpmEnd>((resolve) => {
    child.once('error', ({ message }) => resolve({ code: null, said: `${message}\n` }))
    child.once('close', (code) => resolve({ code, said }))
  }).finally(() => process.removeListener('exit', end))
}

/** The npm that came with this Node, or else the one on the PATH. On Windows, only a shell can start the latter. */
function npmCommand(args: string[]): [file: string, args: string[], shell: boolean] {
  const { npm_execpath: running = '' } = process.env
  const beside = path.dirname(process.execPath)
  const places = [
    ...(running.endsWith('npm-cli.js') ? [running] : []),
    path.join(beside, 'node_modules/npm/bin/npm-cli.js'),
    path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
  ]
  const found = places.find((place) => existsSync(place))
  if (found !== undefined) return [process.execPath, [found, ...args], false]
  return ['npm', args, process.platform === 'win32']
}
