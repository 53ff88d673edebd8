import type { Command } from 'commander'
import type { Local, LocalOptions } from '../../local/index.js'
import { Ended, UsageError } from '../ended.js'
import { writeEnvFile } from '../output/env-file.js'

/** The options that say what stays between starts. */
export interface IdentityOptions {
  /** `false` for `--no-folder`. */
  folder: string | false
  reset?: true
  writeEnv?: string
  envFile?: string
}

/** Adds the options that say what stays between starts. */
export function withIdentity(command: Command): Command {
  return command
    .option(
      '--folder <path>',
      'keep keys, plan, wallets and balances there between starts',
      '.agentcore-x402',
    )
    .option('--no-folder', 'keep nothing')
    .option('--reset', 'begin anew: delete what the folder keeps')
    .option(
      '--write-env <file>',
      'write all variables into this file, e.g. .env, instead of printing them; its other lines stay',
    )
    .option(
      '--env-file <file>',
      'the same for a file that exists, since Node itself looks for the file of a flag with this name',
    )
}

/** The same options, as `startLocal` takes them. */
export function identityOf({
  folder,
  reset,
}: IdentityOptions): Pick<LocalOptions, 'folder' | 'reset'> {
  if (folder === false && reset) throw new UsageError('--reset cannot be used with --no-folder')
  return { ...(folder !== false && { folder }), ...(reset && { reset }) }
}

/** The file for the variables, if there is to be one. */
export function envFileOf({ writeEnv, envFile }: IdentityOptions): string | undefined {
  return writeEnv ?? envFile
}

/** Writes the file for the variables. */
export async function writeVariables(options: IdentityOptions, local: Local): Promise<void> {
  const file = envFileOf(options)
  if (file === undefined) return
  const { wholeEnvironment } = await import('../../local/environment.js')
  const written = writeEnvFile(file, wholeEnvironment(local))
  const { twice } = await written.catch((error: unknown) => {
    throw new Ended(`cannot write ${file}: ${(error as Error).message}`)
  })
  if (twice.length === 0) return
  const names = twice.join(', ')
  process.stderr.write(
    `agentcore-x402: ${file} sets ${names} in another line, too. Most programs take the last line\n`,
  )
}
