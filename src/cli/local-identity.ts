import { Option, type Command } from 'commander'
import type { Local, LocalOptions } from '../local/index.js'
import { UsageError } from './ended.js'
import { writeEnvFile } from './env-file.js'

/** The options that say what stays between starts. */
export interface IdentityOptions {
  /** `false` for `--no-folder`. */
  folder: string | false
  reset?: true
  writeEnv?: string
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
    .addOption(
      new Option('--env-file <file>').hideHelp().argParser(() => {
        throw new UsageError('Node takes --env-file for itself; use --write-env')
      }),
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

/** Writes the file that `--write-env` names. */
export async function writeVariables({ writeEnv }: IdentityOptions, local: Local): Promise<void> {
  if (writeEnv === undefined) return
  const { wholeEnvironment } = await import('../local/environment.js')
  const { twice } = await writeEnvFile(writeEnv, wholeEnvironment(local))
  if (twice.length === 0) return
  const names = twice.join(', ')
  process.stderr.write(
    `agentcore-x402: ${writeEnv} sets ${names} in another line, too. Most programs take the last line\n`,
  )
}
