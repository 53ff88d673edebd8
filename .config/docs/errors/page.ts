import { failureOfAnswer } from '../../../src/errors/facilitator-failure.js'
import { type SpentState, spentState } from '../../../src/errors/used-codes.js'
import { blocks, code, table } from '../markdown.js'
import { AGENTCORE_CODES, BUYER_CODES } from './buyer-codes.js'
import { OPTION_CODES, PATTERNS, SERVICE_CODES } from './codes.js'
import { FACILITATOR_REASONS } from '../../../src/cli/reasons/facilitator-reasons.js'
import { MISTAKES, WRONG_OPTIONS } from './mistakes.js'
import { NEVERMINED_CODES } from '../../../src/cli/reasons/nevermined-codes.js'
import {
  AWS_NAMES,
  LIMITS,
  OUTCOMES,
  REFUNDS,
  RPC_ERRORS,
  STATES,
  STATUSES,
  WARNINGS,
} from './other-texts.js'
import { MISMATCH, OWN_REASONS } from '../../../src/cli/reasons/own-reasons.js'
import { SELLER_CODES } from './seller-codes.js'
import type { CodeText, ReasonRow, Text } from './text.js'

const START = `# Errors

Every error of this package is a \`PaymentError\` with a \`code\`. It is safe to log. Search this page for the code that you
have, or for the reason in brackets behind it:

| you have | look in |
| --- | --- |
| the \`code\` of an error that you caught | [sellers](#sellers), [buyers](#buyers), [AgentCore payments](#agentcore-payments), [calls of services](#calls-of-services) |
| the \`code\` of a \`failed\` event, or of a log line of a seller | [sellers](#sellers), [mistakes that the log explains](#mistakes-that-the-log-explains) |
| the \`reason\` of an error, an event or a receipt | [reasons of refusals](#reasons-of-refusals) |
| a code that begins with \`BCK.\` | [codes of Nevermined](#codes-of-nevermined) |
| a code that begins with \`aws.\` | [names of AWS errors](#names-of-aws-errors) |
| a code that begins with \`http_\` | [HTTP statuses](#http-statuses) |
| a JSON-RPC error of a seller | [JSON-RPC errors](#json-rpc-errors) |
| a warning of Node | [warnings](#warnings) |

The column *money moved* says what you can rely on. With *perhaps*, do not pay or charge again before you know.

\`\`\`ts
import { PaymentError } from 'agentcore-x402'
import { PaidCallError } from 'agentcore-x402/client'

try {
  await fetch('https://api.example.com/quote')
} catch (error) {
  if (error instanceof PaidCallError) console.log('look before you pay again', error.receipt)
  else if (error instanceof PaymentError) console.log(error.code, error.message)
  else throw error
}
\`\`\``

/** The page docs/errors.md. */
export function errorsPage(): Promise<string> {
  const sections = [
    sellers(),
    mistakes(),
    buyers(),
    agentcore(),
    services(),
    reasons(),
    nevermined(),
    others(),
  ]
  return Promise.resolve(`${blocks([START, options(), ...sections])}\n`)
}

function options(): string {
  return blocks([
    '## Wrong options',
    codeTable(OPTION_CODES),
    'Often wrong are:',
    table({
      head: ['option', 'cause', 'what to do'],
      rows: WRONG_OPTIONS.map((one) => row(one.option, one)),
    }),
  ])
}

function sellers(): string {
  return blocks([
    '## Sellers',
    'What hooks, events and the log of a seller get. [Answers](answers.md#who-is-answered-what) says what the buyer is told.',
    codeTable(SELLER_CODES),
    'A `SettlementUnknownError` has a `state`:',
    meanings('state', STATES),
    'Its `transaction` is the hash on the chain. Its `settlementId` is the id that the facilitator gave the settlement.',
    'A refund that is due has a `reason`:',
    meanings('reason', REFUNDS),
  ])
}

function mistakes(): string {
  return blocks([
    '## Mistakes that the log explains',
    'A seller whose setup is wrong finds these `code`s in its log. The line says in words what is wrong, what was expected, and what to do. It names options, plan ids, URLs and the prefix of a key, and never a key or a payment. Each is said once for each container. Nothing is charged because of one.',
    '`payments.warm()` and `warm()` of a facilitator say what they can see. A `PaymentsError` has the same as `mistake`, and in its message.',
    textTable('code', Object.entries(MISTAKES)),
  ])
}

function buyers(): string {
  return blocks([
    '## Buyers',
    'What `payingFetch`, `payingAxios`, `payingMcp` and payers throw.',
    codeTable(BUYER_CODES),
    '### Limits',
    'A `PaymentLimitError` names the limit that forbade the payment:',
    textTable('limit', Object.entries(LIMITS)),
  ])
}

function agentcore(): string {
  const pattern = PATTERNS['aws.<name>']
  return blocks([
    '## AgentCore payments',
    'What `PaymentManager`, `PaymentClient` and `AgentCorePaymentsPlugin` throw, beside the codes of [buyers](#buyers) and of [services](#calls-of-services).',
    codeTable({ ...AGENTCORE_CODES, 'aws.<name>': pattern }),
    '### Names of AWS errors',
    textTable('name', Object.entries(AWS_NAMES)),
  ])
}

function services(): string {
  const { 'http_<status>': http, 'BCK.<area>.<number>': nevermined } = PATTERNS
  const statuses = STATUSES.map(({ status, label, cause, cure }) => [
    label,
    cause,
    OUTCOMES[failureOfAnswer(status, undefined, false).outcome].moved,
    cure,
  ])
  return blocks([
    '## Calls of services',
    'What `Payments` and facilitators throw. A `PaymentsError` has `code`, `httpStatus`, `retryable`, `outcome`, `correlationId` and `reason`.',
    codeTable({ ...SERVICE_CODES, 'http_<status>': http, 'BCK.<area>.<number>': nevermined }),
    'Its `outcome` says what the failure means:',
    table({
      head: ['outcome', 'meaning', 'money moved'],
      rows: Object.entries(OUTCOMES).map(([name, one]) => [code(name), one.meaning, one.moved]),
    }),
    '### HTTP statuses',
    table({ head: ['status', 'cause', 'money moved', 'what to do'], rows: statuses }),
  ])
}

const MOVED: Readonly<Record<SpentState, string>> = {
  other: 'no',
  ambiguous: 'perhaps',
  used: 'perhaps, earlier',
}

function reasons(): string {
  const { terms, ...mismatch } = MISMATCH
  const names = terms.map((term) => code(`${term}_mismatch`)).join(', ')
  const own = Object.entries(OWN_REASONS).map(([name, text]) => row(code(name), text))
  return blocks([
    '## Reasons of refusals',
    'The `reason` of a refusal is ours, or what the facilitator said if that is safe to show.',
    '### Our own reasons',
    'Nothing moves with these, save `already_used` and `lost_call`, where an earlier call may have been paid.',
    table({
      head: ['reason', 'cause', 'what to do'],
      rows: [...own, row(names, mismatch)],
    }),
    '### Reasons of facilitators',
    "Facilitators write their own reasons, and change them. A reason that is not listed here is the facilitator's own. This package reads the words of a reason, and tells three kinds apart:",
    `- *no*: the payment is refused. The error is \`verification_refused\` or \`settlement_refused\`.
- *perhaps*: the payment may have been settled. It is looked up, and else counts as unknown: \`payment_used\` before the work, \`settlement_unknown\` after it.
- *perhaps, earlier*: the payment is used. It is looked up, and else answered like *perhaps*.`,
    table({
      head: ['cause', 'money moved', 'what to do', 'reasons'],
      rows: FACILITATOR_REASONS.map(reasonRow),
    }),
    'Reasons of the schemes `batch-settlement` and `auth-capture` are not listed: this package does not sell by them.',
  ])
}

/** Reasons of one row have to mean the same for us, too. */
function reasonRow({ reasons: names, cause, cure }: ReasonRow): string[] {
  const states = [...new Set(names.map(spentState))]
  if (states.length !== 1) throw new Error(`${names.join(', ')}: ${states.join(', ')}`)
  return [cause, MOVED[states[0] ?? 'other'], cure, names.map(code).join(', ')]
}

function nevermined(): string {
  const rows = Object.entries(NEVERMINED_CODES).map(([name, { status, moved, cause, cure }]) => {
    return [rangeOf(name), cause, moved ?? movedBy(name, status), cure]
  })
  return blocks([
    '## Codes of Nevermined',
    'A `PaymentsError` has them as `code`. A seller meets them as `reason` too. Only `BCK.X402.0051` and `BCK.X402.0052` are `retryable` for calls that may charge, whatever the answer says of itself.',
    table({ head: ['code', 'cause', 'money moved', 'what to do'], rows }),
  ])
}

/** `first` to `last`. */
function rangeOf(names: string): string {
  return names.split(' to ').map(code).join(' to ')
}

function movedBy(name: string, status = 400): string {
  if (spentState(name) === 'used') return MOVED.used
  return OUTCOMES[failureOfAnswer(status, { code: name }, false).outcome].moved
}

function others(): string {
  return blocks([
    '## JSON-RPC errors',
    'What callers of a seller get for requests that are not sold, and for refused prompts, resources and other methods. Nothing runs or is charged, save with 402 and −32603: the handler may have run, and the message says whether money moved.',
    textTable(
      'code',
      RPC_ERRORS.map((one) => [String(one.code), one]),
    ),
    '## Warnings',
    "Warnings of the process (`process.on('warning')`), by their `code`:",
    textTable('code', Object.entries(WARNINGS)),
    '`agentcore-x402/local` has a `LambdaError` besides. Its `errorType` is what Lambda itself says, e.g. `Sandbox.Timedout`.',
  ])
}

function codeTable(texts: Readonly<Record<string, CodeText>>): string {
  return table({
    head: ['code', 'error', 'cause', 'money moved', 'what to do'],
    rows: Object.entries(texts).map(([name, { errors, cause, moved, cure }]) => [
      code(name),
      errors.map(code).join(', '),
      cause,
      moved,
      cure,
    ]),
  })
}

function textTable(what: string, texts: readonly (readonly [string, Text])[]): string {
  return table({
    head: [what, 'cause', 'what to do'],
    rows: texts.map(([name, text]) => row(code(name), text)),
  })
}

function row(name: string, { cause, cure }: Text): string[] {
  return [name, cause, cure]
}

function meanings(what: string, texts: Readonly<Record<string, string>>): string {
  return table({
    head: [what, 'meaning'],
    rows: Object.entries(texts).map(([name, meaning]) => [code(name), meaning]),
  })
}
