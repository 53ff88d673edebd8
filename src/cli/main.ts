import { Command, CommanderError } from 'commander'
import { PaymentError } from '../errors/payment-error.js'
import { RefundError } from '../errors/refund-error.js'
import { VERSION } from '../version.js'
import { EXIT, Ended, NothingFound, UsageError } from './ended.js'
import { callCommand } from './call.js'
import { doctorCommand } from './doctor.js'
import { fetchCommand } from './fetch.js'
import { initCommand } from './init.js'
import { inspectCommand } from './inspect.js'
import { localCommand } from './local.js'
import { paymentsCommand } from './payments.js'

/** Runs the command line. Every command ends the process by itself, or leaves it to what it started. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram()
  try {
    if (argv.length === 0) return program.outputHelp()
    const group = program.commands.find((one) => one.name() === argv[0] && one.commands.length > 0)
    if (group !== undefined && argv.length === 1) return group.outputHelp()
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    const ended = endedBy(error, helpFor(program, argv))
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
  initCommand(program)
  localCommand(program)
  doctorCommand(program)
  callCommand(program)
  fetchCommand(program)
  inspectCommand(program)
  paymentsCommand(program)
  return program
}

/** The line that explains the command which was called. */
function helpFor(program: Command, [first, second]: readonly string[]): string {
  const command = program.commands.find((one) => one.name() === first)
  const sub = command?.commands.find((one) => one.name() === second)
  const names = [program, command, sub].flatMap((one) => one?.name() ?? [])
  return [...names, '--help'].join(' ')
}

/** @returns what to say of an error; `undefined` if there is nothing to say. @throws what nobody expects. */
function endedBy(error: unknown, help: string): Ended | undefined {
  if (error instanceof Ended) return error
  if (error instanceof RefundError && error.code === 'refund_unknown') {
    return new NothingFound(error.message)
  }
  if (error instanceof PaymentError) return new Ended(error.message)
  if (!(error instanceof CommanderError)) throw error
  if (error.exitCode === EXIT.done) return undefined
  const [line = '', hint = ''] = error.message.replace(/^error: /, '').split('\n')
  return new UsageError(`${[line, hint].join(' ').trim()}; see ${help}`)
}
