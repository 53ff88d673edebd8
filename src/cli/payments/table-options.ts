import { type Command, Option } from 'commander'
import { OperatorTable } from '../../store/operator/operator-table.js'
import { EXIT, UsageError } from '../ended.js'
import { withHelp } from '../help.js'
import { type Work, interruptible } from '../interruptible.js'
import { DAY_MS, wholeNumber } from '../values.js'
import { flagsOf } from '../output/command-lines.js'

/** The options of every command for payments. */
export interface TableOptions {
  readonly table?: string
  readonly region?: string
  readonly endpointUrl?: string
  readonly json?: true
}

/** Adds the options of every command, and its examples. */
export function withTable(command: Command, examples: readonly string[]): Command {
  const lines = examples.map((line) => `payments ${line}`)
  return withHelp(command, lines, { [EXIT.nothingFound]: 'nothing found' })
    .addOption(
      new Option('--table <name>', 'name or ARN of the table of payments').env(
        'AGENTCORE_X402_TABLE',
      ),
    )
    .option('--region <name>', "region of the table (default: that of AWS's settings)")
    .option('--endpoint-url <url>', 'another address of DynamoDB, e.g. a server of your machine')
    .option('--json', 'print JSON')
}

/** Adds the option of commands that may close a record. */
export function keepClosed(command: Command): Command {
  const days = wholeNumber('--keep-closed-days', 3_650, 1)
  return command.option(
    '--keep-closed-days <n>',
    'the option keepClosedDays of your store',
    (text) => days(text) * DAY_MS,
    90 * DAY_MS,
  )
}

/** Opens the table that the options name, and closes it at the end. Ctrl+C ends the command at once. */
export async function inTable<T>(
  options: TableOptions,
  run: (table: OperatorTable, work: Work) => Promise<T>,
): Promise<T> {
  return interruptible(async (work) => {
    const table = await OperatorTable.open(placeOf(options))
    try {
      return await run(table, work)
    } finally {
      table.close()
    }
  })
}

/** The options as they are written, for a command that is shown. */
export function tableFlags({ table, region, endpointUrl }: TableOptions): string[] {
  return flagsOf({ table, region, 'endpoint-url': endpointUrl })
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const TABLE = /^(arn:aws[a-z-]{0,20}:dynamodb:[a-z\d-]{1,30}:\d{12}:table\/)?[\w.-]{3,255}$/

function placeOf({ table, region, endpointUrl: endpoint }: TableOptions) {
  if (table === undefined) throw new UsageError('name the table: --table, or AGENTCORE_X402_TABLE')
  if (!TABLE.test(table)) {
    throw new UsageError('--table expects the name or ARN of a DynamoDB table, 3 to 255 characters')
  }
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:/.test(endpoint))) {
    throw new UsageError('--endpoint-url expects an http or https URL')
  }
  return { table, region, endpoint }
}
