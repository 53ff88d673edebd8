import { Command, CommanderError } from 'commander'
import { VERSION } from '../version.js'
import { EXIT, Ended, UsageError } from './ended.js'
import { localCommand } from './local.js'

/** Runs the command line. Every command ends the process by itself, or leaves it to what it started. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram()
  try {
    if (argv.length === 0) return program.outputHelp()
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    const ended = endedBy(error)
    if (ended === undefined) return
    process.stderr.write(`agentcore-x402: ${ended.message}\n`)
    // Not just an exit code: a module of the user may keep the process alive.
    process.exit(ended.exitCode)
  }
}

function createProgram(): Command {
  const program = new Command('agentcore-x402')
    .description('Tools for sellers and buyers of tool calls on Amazon Bedrock AgentCore.')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this text')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addHelpText('after', '\nEvery command has a help of its own: agentcore-x402 <command> --help')
  localCommand(program)
  return program
}

/** @returns what to say of an error; `undefined` if there is nothing to say. @throws what nobody expects. */
function endedBy(error: unknown): Ended | undefined {
  if (error instanceof Ended) return error
  if (!(error instanceof CommanderError)) throw error
  if (error.exitCode === EXIT.done) return undefined
  const [line = '', hint = ''] = error.message.replace(/^error: /, '').split('\n')
  return new UsageError(`${[line, hint].join(' ').trim()}; see agentcore-x402 --help`)
}
