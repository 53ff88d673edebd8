/** The table of names of docs/coming-from-agentcore-py.md, held against what there is. */
import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import * as agentcore from '../../src/agentcore/index.js'
import { CONNECTION_OPTIONS, PLAIN_CONNECTION_OPTIONS } from '../../src/agentcore/aws/connection.js'
import { SETTINGS } from '../../src/agentcore/manager/manager-options.js'
import { WAIT_OPTIONS } from '../../src/agentcore/setup/wait-options.js'

const page = readFile('docs/coming-from-agentcore-py.md', 'utf8')
const methodsOf = (type: { prototype: object }) =>
  Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor')

test('every export, method and option of ours is in the table', async () => {
  const table = await page
  const names = [
    ...Object.keys(agentcore),
    ...methodsOf(agentcore.PaymentManager),
    ...methodsOf(agentcore.PaymentClient),
    ...[CONNECTION_OPTIONS, PLAIN_CONNECTION_OPTIONS, SETTINGS, WAIT_OPTIONS].flatMap((one) =>
      Object.keys(one),
    ),
  ]
  expect(names.length).toBeGreaterThan(70)
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(table))).toEqual([])
})

/** `__all__`, the constants that are documented besides, and the methods and arguments of both classes, at ddfab76. */
const PYTHON = `
PaymentClient PaymentError PaymentInstrumentConfigurationRequired PaymentSessionConfigurationRequired
PaymentInstrumentNotFound PaymentSessionNotFound InvalidPaymentInstrument InsufficientBudget PaymentSessionExpired
PaymentManager PaymentManagerStatus PaymentConnectorStatus PaymentConnectorType PaymentConnectorProvisionMode
PaymentsAuthorizerType PaymentType DEFAULT_MAX_RESULTS NETWORK_PREFERENCES MppChallengeSelectionError extract_challenges
is_mpp_payment_required parse_www_authenticate select_challenge create_payment_instrument get_payment_instrument
get_payment_instrument_balance list_payment_instruments delete_payment_instrument create_payment_session
get_payment_session list_payment_sessions delete_payment_session process_payment generate_payment_header
create_payment_manager get_payment_manager list_payment_managers update_payment_manager delete_payment_manager
create_payment_connector get_payment_connector list_payment_connectors update_payment_connector
delete_payment_connector create_payment_manager_with_connector payment_manager_arn region_name boto3_session
boto_client_config agent_name bearer_token token_provider user_id client_token payment_connector_id
payment_instrument_type payment_instrument_details payment_instrument_id payment_session_id chain token max_results
next_token expiry_time_in_minutes limits payment_type payment_input payment_required_request network_preferences
buyer_pays_gas_fees permit2_allowance_limit integration_source role_arn authorizer_type description
authorizer_configuration wait_for_ready max_wait poll_interval payment_manager_id connector_type
credential_provider_configurations provision_mode payment_manager_name payment_manager_description
payment_connector_config payment_credential_provider_config credential_provider_vendor credentials api_key_id
api_key_secret wallet_secret app_id app_secret authorization_private_key authorization_id
`
  .trim()
  .split(/\s+/)

test('every public name of the Python library is in the table', async () => {
  const table = await page
  expect(PYTHON.length).toBeGreaterThan(90)
  expect(PYTHON.filter((name) => !new RegExp(`\\b${name}\\b`).test(table))).toEqual([])
})

test('every row says same, better, renamed or left out', async () => {
  const rows = (await page).split('\n').filter((line) => /^\| (`|–|its|other|[a-z])/.test(line))
  expect(rows.length).toBeGreaterThan(40)
  const verdict = /\| (same|better|renamed|left out) \|/
  expect(rows.filter((row) => !verdict.test(row))).toEqual([])
})

test('constants of Python are exported under their names, and so are methods in camelCase', () => {
  const camel = (name: string) =>
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  const methods = [
    ...methodsOf(agentcore.PaymentManager),
    ...methodsOf(agentcore.PaymentClient),
    ...Object.keys(agentcore),
  ]
  const isMethod = /^(create|get|list|update|delete|process|generate|extract|is|parse|select)_/
  const wanted = PYTHON.filter((name) => /^[A-Z]/.test(name) || isMethod.test(name))
  expect(wanted.length).toBeGreaterThan(40)
  expect(
    wanted.filter((name) => !methods.includes(/^[A-Z]/.test(name) ? name : camel(name))),
  ).toEqual([])
})
