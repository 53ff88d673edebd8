import type { Command } from 'commander'
import { createTableCommand } from './payments/create-table.js'
import { exportCommand } from './payments/export.js'
import { forgetCommand } from './payments/forget.js'
import { listCommand } from './payments/list.js'
import { refundedCommand } from './payments/refunded.js'
import { reportCommand } from './payments/report.js'
import { retryCommand } from './payments/retry.js'
import { showCommand } from './payments/show.js'

/** Adds `agentcore-x402 payments` and its commands. */
export function paymentsCommand(program: Command): void {
  const payments = program
    .command('payments')
    .summary('see and look after the payments of a table')
    .description(
      'See and look after the payments in the DynamoDB table of dynamoDbStore. The commands need no secret, and print none.',
    )
    .helpOption('-h, --help', 'show this text')
    .hook('preAction', withoutWarning)
  listCommand(payments)
  showCommand(payments)
  retryCommand(payments)
  refundedCommand(payments)
  forgetCommand(payments)
  reportCommand(payments)
  exportCommand(payments)
  createTableCommand(payments)
}

/** The SDK warns of old versions of Node. The warning would hide what the command says. */
function withoutWarning(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
}
