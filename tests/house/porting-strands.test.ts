// docs/coming-from-strands-py.md against the source: every name, option and default of both sides is in it.
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import ts from 'typescript'
import { AgentCorePaymentsPlugin, AgentCorePaymentsPluginConfig } from '../../src/strands/index.js'
import { OPTION_NAMES } from '../../src/strands/options/config-checks.js'

const page = readFileSync('docs/coming-from-strands-py.md', 'utf8')

/** The rows of the tables of four columns: Python, here, verdict, why. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter((cells) => cells.length === 4 && cells[0] !== 'Python')

const column = (index: number) => rows.map((cells) => cells[index] ?? '').join('\n')
const missingIn = (text: string, names: readonly string[]) =>
  names.filter((name) => !new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(text))

/**
 * Public names of `bedrock_agentcore.payments.integrations` at commit ddfab76: the plugin, its config and
 * handlers, and what its error handler gets.
 *
 * @see https://github.com/aws/bedrock-agentcore-sdk-python/tree/ddfab76/src/bedrock_agentcore/payments/integrations
 */
const OF_PYTHON = [
  ...['AgentCorePaymentsPlugin', 'AgentCorePaymentsPluginConfig', 'AgentCorePaymentsConfig'],
  ...['name', 'config', 'payment_manager', 'MAX_PAYMENT_RETRIES'],
  ...['init_agent', 'before_tool_call', 'after_tool_call'],
  ...['update_payment_session_id', 'update_payment_instrument_id'],
  ...['add_to_allowlist', 'remove_from_allowlist'],
  ...['http_request', 'get_payment_instrument', 'list_payment_instruments'],
  ...['get_payment_instrument_balance', 'get_payment_session'],
  ...['PaymentResponseHandler', 'GenericPaymentHandler', 'HttpRequestPaymentHandler'],
  ...['MCPRequestPaymentHandler', 'PAYMENT_HANDLERS', 'get_payment_handler', 'has_mpp_challenge'],
  ...['extract_status_code', 'extract_headers', 'extract_body'],
  ...['validate_tool_input', 'apply_payment_header'],
  ...['validate_required_params', 'format_error_response', 'format_success_response'],
  ...['PAYMENT_ERROR_MESSAGES', 'get_payment_error_message', 'NETWORK_PREFERENCES'],
  ...['ErrorResolution', 'PaymentErrorContext', 'exception', 'exception_type', 'exception_message'],
  ...['tool_name', 'tool_args', 'payment_required_request', 'retry_count'],
  ...['PaymentError', 'PaymentInstrumentNotFound', 'PaymentSessionNotFound'],
  ...['InvalidPaymentInstrument', 'InsufficientBudget', 'PaymentSessionExpired'],
  ...['PaymentInstrumentConfigurationRequired', 'PaymentSessionConfigurationRequired'],
  ...['MppChallengeSelectionError', 'region_name', 'boto3_session', 'boto_client_config'],
]

/** Fields of Python's config, what they are there by default, and what they are here. */
const FIELDS: [
  python: string,
  thereByDefault: string | undefined,
  here: string,
  value?: unknown,
][] = [
  ['payment_manager_arn', undefined, 'paymentManagerArn', 'the given one'],
  ['user_id', 'None', 'userId'],
  ['payment_instrument_id', 'None', 'paymentInstrumentId'],
  ['payment_session_id', 'None', 'paymentSessionId'],
  ['payment_connector_id', 'None', 'paymentConnectorId'],
  ['region', 'None', 'region'],
  ['network_preferences_config', 'None', 'networkPreferencesConfig'],
  ['auto_payment', 'True', 'autoPayment', true],
  ['agent_name', 'None', 'agentName'],
  ['bearer_token', 'None', 'bearerToken'],
  ['token_provider', 'None', 'tokenProvider'],
  ['payment_tool_allowlist', 'None', 'paymentToolAllowlist'],
  ['provide_http_request', 'True', 'provideHttpRequest', true],
  ['post_payment_retry_delay_seconds', '3.0', 'postPaymentRetryDelaySeconds', 3],
  ['max_interrupt_retries', '5', 'maxInterruptRetries', 5],
  ['custom_handlers', 'None', 'customHandlers'],
  ['auto_session', 'False', 'autoSession', false],
  ['auto_session_budget', '"1.00"', 'autoSessionBudget', '1.00'],
  ['auto_session_expiry_minutes', '60', 'autoSessionExpiryMinutes', 60],
  ['on_payment_error', 'None', 'onPaymentError'],
  ['max_error_retries', '3', 'maxErrorRetries', 3],
  ['buyer_pays_gas_fees', 'None', 'buyerPaysGasFees'],
  ['permit2_allowance_limit', 'None', 'permit2AllowanceLimit'],
]

const paymentManagerArn =
  'arn:aws:bedrock-agentcore:eu-west-1:123456789012:payment-manager/mine-abcdefghij'
const config = new AgentCorePaymentsPluginConfig({ paymentManagerArn, userId: 'ada' })

test('every public name of Python is in the page', () => {
  expect(missingIn(column(0) + page.slice(page.indexOf('on purpose')), OF_PYTHON)).toEqual([])
  expect(
    missingIn(
      column(0),
      FIELDS.map(([python]) => python),
    ),
  ).toEqual([])
})

// Rows have four members each: Jest hands a shorter row a callback.
test.each(FIELDS.map(([python, there, here, value]) => [python, there, here, value] as const))(
  '%s has a row with its default there and here',
  (python, there, here, value) => {
    const named = rows.filter(([cell = '']) => cell.startsWith(`\`${python}\``))
    expect(named.map(([cell]) => cell)).toContain(
      there === undefined ? `\`${python}\`` : `\`${python}\` (${there})`,
    )
    const isSaid = there !== undefined && value !== undefined
    const written = typeof value === 'string' ? `"${value}"` : String(value)
    expect(named[0]?.[1]).toBe(isSaid ? `\`${here}\` (${written})` : `\`${here}\``)
    if (isSaid) expect((config as unknown as Record<string, unknown>)[here]).toBe(value)
    expect(Object.keys(OPTION_NAMES)).toContain(here)
  },
)

test('every option of ours is in the page', () => {
  const options = Object.keys(OPTION_NAMES)
  expect(options.length).toBeGreaterThan(30)
  expect(missingIn(column(1) + column(3), options)).toEqual([])
})

test('every export of ours is in the page, types included', () => {
  const file = ts.createSourceFile(
    'index.ts',
    readFileSync('src/strands/index.ts', 'utf8'),
    ts.ScriptTarget.Latest,
  )
  const exported = file.statements.flatMap((one) =>
    ts.isExportDeclaration(one) && one.exportClause && ts.isNamedExports(one.exportClause)
      ? one.exportClause.elements.map(({ name }) => name.text)
      : [],
  )
  expect(exported.length).toBeGreaterThan(15)
  expect(missingIn(column(1) + column(3), exported)).toEqual([])
})

test('every public member of the plugin and of its config is in the page', () => {
  const own = [AgentCorePaymentsPlugin, AgentCorePaymentsPluginConfig].flatMap((one) =>
    Object.getOwnPropertyNames(one.prototype),
  )
  // These belong to the SDK, or are between the plugin and its config.
  const inner = ['constructor', 'getTools', 'managerOptions', 'isToolAllowed']
  const members = own.filter((name) => !inner.includes(name))
  expect(members).toContain('paymentManager')
  expect(missingIn(column(1), members)).toEqual([])
})

test('every tool of the plugin is in the page', () => {
  const tools = new AgentCorePaymentsPlugin(config).getTools().map(({ name }) => name)
  expect(tools).toHaveLength(4)
  expect(missingIn(column(0), ['http_request', ...tools])).toEqual([])
})

test('every row has a verdict, and says why where it is not the same', () => {
  expect(rows.length).toBeGreaterThan(60)
  const verdicts = ['same', 'better', 'renamed', 'left out']
  expect(rows.filter(([, , verdict = '']) => !verdicts.includes(verdict))).toEqual([])
  const unsaid = rows.filter(([, , verdict, why]) => verdict !== 'same' && why === '')
  expect(unsaid).toEqual([])
})
