import { optionalText, record, refuseUnknown, text } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { toAmount } from '../wire/amounts.js'
import { isRecord } from '../wire/json.js'

/**
 * The arguments of the calls of `Payments`: one after the other, as the official TypeScript client takes them,
 * or in one object, as Python's keyword arguments are. Each function gives the arguments by name.
 *
 * All of them throw an OptionsError that names the argument at fault.
 */

type Names = Readonly<Record<string, true>>

export interface PlanArguments {
  planId: string
}

export function planArguments(method: string, given: readonly unknown[]): PlanArguments {
  const { planId } = named(method, given, ['planId'])
  return { planId: text('planId', planId) }
}

export function balanceArguments(
  given: readonly unknown[],
): PlanArguments & { accountAddress: string | undefined } {
  const { planId, accountAddress } = named('getPlanBalance', given, ['planId', 'accountAddress'])
  if (accountAddress === undefined || isAddress(accountAddress)) {
    return { planId: text('planId', planId), accountAddress }
  }
  throw new OptionsError('accountAddress', 'expected an address: 0x and 40 hexadecimal digits')
}

/** What a token is minted with, checked. */
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

/** In one object the options of the token stay together, as in both official clients. */
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

export function checkTokenVersion(name: string, version: unknown): void {
  if (version === undefined || version === 2 || version === 3) return
  throw new OptionsError(name, 'expected 2 or 3')
}

/** Fields that we do not know go to the API as they are. A name in the style of Python is no such field. */
export function checkDelegationConfig(name: string, config: unknown): void {
  if (config === undefined) return
  record(name, config)
  const styled = Object.keys(config).find((key) => key.includes('_'))
  if (styled !== undefined) {
    refuseUnknown({ [styled]: true }, DELEGATION_CONFIG, 'is not a field of it', `${name}.`)
  }
  optionalText(`${name}.delegationId`, config['delegationId'])
}

const DELEGATION_CONFIG: Names = {
  delegationId: true,
  apiKeyId: true,
  cardId: true,
  providerPaymentMethodId: true,
  spendingLimitCents: true,
  durationSecs: true,
  currency: true,
  planId: true,
  merchantAccountId: true,
  maxTransactions: true,
}

/** Nothing is left out in silence: what the API has no default for is asked for here. */
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

/** Checks the argument of verify and settle. Their members are defined by the wire, and the token is not read. */
export function checkPermission(method: string, params: unknown): void {
  if (!isRecord(params)) {
    const wanted = `${method} takes one object: { paymentRequired, x402AccessToken, maxAmount }`
    throw new OptionsError('params', wanted)
  }
  const styled = Object.keys(params).find((key) => key.includes('_'))
  if (styled !== undefined) {
    refuseUnknown({ [styled]: true }, PERMISSION, `is not a parameter of ${method}`)
  }
  record('paymentRequired', params['paymentRequired'])
  text('x402AccessToken', params['x402AccessToken'])
  const { maxAmount } = params
  if (maxAmount === undefined || toAmount(maxAmount) !== undefined) return
  throw new OptionsError('maxAmount', 'expected whole credits ≥ 0 as bigint or decimal string')
}

const PERMISSION: Names = {
  paymentRequired: true,
  x402AccessToken: true,
  maxAmount: true,
  agentRequestId: true,
}

/** The arguments by name, from either form. */
function named(
  method: string,
  given: readonly unknown[],
  names: readonly string[],
): Record<string, unknown> {
  const [first, ...others] = given
  if (!isRecord(first)) {
    if (given.length <= names.length)
      return Object.fromEntries(names.map((it, i) => [it, given[i]]))
    throw new OptionsError(method, `takes ${names.join(', ')}, and nothing after them`)
  }
  if (others.some((other) => other !== undefined)) {
    throw new OptionsError(method, `takes ${names.join(', ')}, or one object of them, not both`)
  }
  const known = Object.fromEntries(names.map((name) => [name, true]))
  refuseUnknown(first, known, `is not an argument of ${method}`)
  return first
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
