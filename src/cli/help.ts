import type { Command } from 'commander'
import { EXIT } from './ended.js'

/** What each exit code means, where it means the same for every command. */
const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.done]: 'done',
  [EXIT.failed]: 'failed',
  [EXIT.wrongUsage]: 'wrong usage',
  [EXIT.interrupted]: 'interrupted',
}

/**
 * Adds `--help` to a command, with examples and what its exit codes mean.
 *
 * @param examples command lines, without the name of the program
 * @param codes the exit codes that the command has besides those of every command, or whose meaning is another
 */
export function withHelp(
  command: Command,
  examples: readonly string[],
  codes: Readonly<Record<number, string>> = {},
): Command {
  const shown = examples.map((line) => `  $ agentcore-x402 ${line}\n`).join('')
  const meanings = Object.entries({ ...MEANINGS, ...codes })
    .map(([code, meaning]) => `${code} ${meaning}`)
    .join(', ')
  return command
    .helpOption('-h, --help', 'show this text')
    .addHelpText('after', `\nExamples:\n${shown}\nExit codes: ${meanings}.`)
}
