import type { Command } from 'commander'
import { createTableCommand } from './payments/create-table.js'
import { exportCommand } from './payments/export.js'
import { forgetCommand } from './payments/forget.js'
import { listCommand } from './payments/list.js'
import { refundedCommand } from './payments/refunded.js'
import { reportCommand } from './payments/report.js'
import { retryCommand } from './payments/retry.js'
import { showCommand } from './payments/show.js'
import { silenceSdkWarning } from './sdk-warning.js'

/** Adds `agentcore-x402 payments` and its commands. */
export function paymentsCommand(program: Command): void {
  const payments = program
    .command('payments')
    .summary('see and look after the payments of a table')
    .description(
      'See and look after the payments in the DynamoDB table of dynamoDbStore. The commands need no secret, and print none.',
    )
    .helpOption('-h, --help', 'show this text')
    .hook('preAction', silenceSdkWarning)
  listCommand(payments)
  showCommand(payments)
  retryCommand(payments)
  refundedCommand(payments)
  forgetCommand(payments)
  reportCommand(payments)
  exportCommand(payments)
  createTableCommand(payments)
}
