import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { VERSION } from '../version.js'
import { Ended, UsageError } from './ended.js'
import { withHelp } from './help.js'
import { install } from './init/install.js'
import { nameFor, problemOfName } from './init/package-json.js'
import { IGNORE_FILE, sellerFiles } from './init/seller-files.js'
import { filesInTheWay, writeFiles, type NewFile } from './init/write-files.js'
import { interruptible, type Work } from './interruptible.js'
import { shellText } from './output/command-lines.js'
import { Output } from './output/output.js'
import { plainText } from './output/plain-text.js'

interface InitOptions {
  readonly name?: string
  readonly package?: string
  readonly install?: true
  readonly json?: true
}

/** Adds `agentcore-x402 init`. */
export function initCommand(program: Command): void {
  const command = program
    .command('init')
    .summary('make a folder that sells: handler, test, deployment')
    .description(
      'Writes a seller into a folder: a handler with two tools, a test that needs no network, and what deploys it to AWS. ' +
        'Files that are there are never changed.',
    )
    .argument('[folder]', 'where to write; it is made if it is not there', '.')
  withHelp(
    command,
    ['init', 'init shop --install', 'init shop --package ../agentcore-x402-0.1.0.tgz'],
    { 1: 'failed, e.g. since a file is there already' },
  )
    .option('--name <name>', 'the name in package.json (default: that of the folder)')
    .option(
      '--package <spec>',
      `what npm installs as agentcore-x402: a version, a tarball or a folder (default: ^${VERSION})`,
    )
    .option('--install', 'run npm install afterwards')
    .option('--json', 'print what was done as JSON')
    .action((folder: string, options: InitOptions) =>
      interruptible((work) => init(folder, options, work)),
    )
}

async function init(folder: string, options: InitOptions, work: Work): Promise<void> {
  const name = options.name ?? nameFor(path.basename(path.resolve(folder)))
  const problem = problemOfName(name)
  if (problem !== undefined) throw new UsageError(`--name: ${problem}, but got "${name}"`)
  const files = await sellerFiles(name, packageOf(options.package, folder))
  const { written, kept } = await write(folder, files)
  work.soFar = () => `The files are written. To install the packages, run: npm install`
  const seconds = options.install ? await install(folder) : undefined
  const next = nextCommands(folder, seconds !== undefined)
  const output = new Output()
  if (options.json) return output.json({ folder, name, written, kept, next })
  const list = (names: readonly string[]): string[] => names.map((one) => `  ${one}`)
  await output.lines([
    `Wrote a seller into ${plainText(folder)}:`,
    ...list(written),
    ...(kept.length === 0
      ? []
      : ['It has this file already, which was not changed:', ...list(kept)]),
    ...(seconds === undefined ? [] : [`Installed its packages in ${seconds} s.`]),
    'Next:',
    ...list(next),
  ])
}

/** What stands in package.json. A path counts from the folder there, and from here on the command line. */
function packageOf(spec: string | undefined, folder: string): string {
  if (spec === undefined) return `^${VERSION}`
  if (!existsSync(spec)) return spec
  const fromThere = path.relative(path.resolve(folder), path.resolve(spec))
  return `file:${fromThere.split(path.sep).join('/')}`
}

async function write(
  folder: string,
  files: readonly NewFile[],
): Promise<{ written: string[]; kept: string[] }> {
  try {
    const found = await filesInTheWay(folder, files)
    const inTheWay = found.filter((name) => name !== IGNORE_FILE)
    if (inTheWay.length > 0) {
      const list = inTheWay.map((name) => `  ${name}\n`).join('')
      throw new Ended(
        `nothing was written, since ${plainText(folder)} has these files already:\n${list}Choose an empty folder, e.g.: agentcore-x402 init shop`,
      )
    }
    const missing = files.filter(({ name }) => !found.includes(name))
    await writeFiles(folder, missing)
    return { written: missing.map(({ name }) => name), kept: found }
  } catch (error) {
    if (error instanceof Ended) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new Ended(
      `cannot write into ${plainText(folder)} (${code ?? message}). Nothing was written`,
    )
  }
}

function nextCommands(folder: string, isInstalled: boolean): string[] {
  const isHere = path.resolve(folder) === process.cwd()
  return [
    ...(isHere ? [] : [`cd ${shellText(folder)}`]),
    ...(isInstalled ? [] : ['npm install']),
    'npm test',
    'npx agentcore-x402 local --watch',
  ]
}
