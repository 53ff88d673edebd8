import type { Command } from 'commander'
import { EXIT } from './ended.js'
import { createTableCommand } from './create-table.js'
import { forgetCommand } from './forget.js'
import { listCommand } from './list.js'
import { refundedCommand } from './refunded.js'
import { retryCommand } from './retry.js'
import { showCommand } from './show.js'

/** Adds `agentcore-x402 payments` and its commands. */
export function paymentsCommand(program: Command): void {
  const payments = program
    .command('payments')
    .summary('see and look after the payments of a table')
    .description(
      'See and look after the payments in the DynamoDB table of dynamoDbStore. The commands need no secret, and print none.',
    )
    .helpOption('-h, --help', 'show this text')
    .hook('preAction', endWell)
  listCommand(payments)
  showCommand(payments)
  retryCommand(payments)
  refundedCommand(payments)
  forgetCommand(payments)
  createTableCommand(payments)
}

/** A reader that has enough ends the command, and so does Ctrl+C. */
function endWell(): void {
  // It speaks of the SDK, and hides what the command says.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.exit(code === 'EPIPE' ? EXIT.done : EXIT.failed)
  })
  process.once('SIGINT', () => {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K')
    process.exit(EXIT.interrupted)
  })
}
