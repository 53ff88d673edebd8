import { optionalText, record, refuseUnknown, text } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'
import { type Names, type PlanArguments, named } from './call-arguments.js'
import { checkDelegationConfig, checkTokenVersion } from './payer-options.js'

/**
 * Reads the arguments of the calls of buyers. Every function throws an OptionsError that names the argument at fault.
 */

export function balanceArguments(
  given: readonly unknown[],
): PlanArguments & { accountAddress: string | undefined } {
  const { planId, accountAddress } = named('getPlanBalance', given, ['planId', 'accountAddress'])
  if (accountAddress === undefined || isAddress(accountAddress)) {
    return { planId: text('planId', planId), accountAddress }
  }
  throw new OptionsError('accountAddress', 'expected an address: 0x and 40 hexadecimal digits')
}

/** The checked arguments of a token. */
export interface TokenArguments extends PlanArguments {
  agentId: string | undefined
  tokenOptions: Readonly<Record<string, unknown>>
}

export function tokenArguments(given: readonly unknown[]): TokenArguments {
  const names = ['planId', 'agentId', 'tokenOptions']
  const [first] = given
  if (isRecord(first)) requireNested(first)
  const { planId, agentId, tokenOptions = {} } = named('getX402AccessToken', given, names)
  checkTokenOptions(tokenOptions)
  return { planId: text('planId', planId), agentId: optionalText('agentId', agentId), tokenOptions }
}

/** If the arguments are one object, the options of the token are in `tokenOptions`, as in both official clients. */
function requireNested(given: Readonly<Record<string, unknown>>): void {
  const stray = Object.keys(given).find((name) => Object.hasOwn(TOKEN_OPTIONS, name))
  if (stray === undefined) return
  throw new OptionsError(stray, `belongs into tokenOptions: { planId, tokenOptions: { ${stray} } }`)
}

const TOKEN_OPTIONS: Names = {
  scheme: true,
  network: true,
  delegationConfig: true,
  resource: true,
  httpVerb: true,
  tokenVersion: true,
}

function checkTokenOptions(given: unknown): asserts given is Record<string, unknown> {
  record('tokenOptions', given)
  refuseUnknown(given, TOKEN_OPTIONS, 'is not an option of a token', 'tokenOptions.')
  for (const name of ['scheme', 'network', 'httpVerb']) {
    optionalText(`tokenOptions.${name}`, given[name])
  }
  checkDelegationConfig('tokenOptions.delegationConfig', given['delegationConfig'])
  checkTokenVersion('tokenOptions.tokenVersion', given['tokenVersion'])
  const { resource } = given
  if (resource === undefined) return
  record('tokenOptions.resource', resource)
  text('tokenOptions.resource.url', resource['url'])
}

/** Requires everything that the API has no default for. */
export function checkDelegationPayload(given: readonly unknown[]): void {
  const [payload, ...others] = given
  if (!isRecord(payload) || others.length > 0) {
    const example = `{ provider: 'erc4337', spendingLimitCents: 10_000, durationSecs: 604_800, currency: 'usdc' }`
    throw new OptionsError('payload', `createDelegation takes one object: ${example}`)
  }
  refuseUnknown(payload, DELEGATION, 'is not a field of a delegation')
  oneOf('provider', payload['provider'], ['stripe', 'braintree', 'visa', 'erc4337', 'vgs'])
  oneOf('currency', payload['currency'], ['usd', 'eur', 'usdc', 'eurc'])
  positive('spendingLimitCents', payload['spendingLimitCents'], 'whole cents')
  positive('durationSecs', payload['durationSecs'], 'whole seconds')
  if (payload['maxTransactions'] !== undefined) {
    positive('maxTransactions', payload['maxTransactions'], 'a whole number')
  }
  for (const name of ['providerPaymentMethodId', 'planId', 'merchantAccountId', 'apiKeyId']) {
    optionalText(name, payload[name])
  }
}

const DELEGATION: Names = {
  provider: true,
  providerPaymentMethodId: true,
  spendingLimitCents: true,
  durationSecs: true,
  currency: true,
  planId: true,
  merchantAccountId: true,
  maxTransactions: true,
  apiKeyId: true,
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^0x[\da-fA-F]{40}$/.test(value)
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.includes(value as string)) return
  throw new OptionsError(name, `expected one of ${allowed.join(', ')}`)
}

function positive(name: string, value: unknown, what: string): void {
  if (Number.isSafeInteger(value) && Number(value) > 0) return
  throw new OptionsError(name, `expected ${what} > 0`)
}
