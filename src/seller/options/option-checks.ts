import { checkCors } from './cors-options.js'
import { toCredits } from '../../wire/amounts.js'
import type { RequiresPaymentOptions } from './options.js'
import type { ToolOptions } from './tool-options.js'
import {
  refuseUnknown,
  optionalFlag,
  optionalFunction,
  optionalInteger,
  optionalMilliseconds,
  text,
  texts,
} from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { isRecord } from '../../wire/json.js'
import { isLoopback } from '../../wire/loopback.js'

type KeysOfUnion<T> = T extends unknown ? keyof T : never
export type OptionName = KeysOfUnion<RequiresPaymentOptions>

/** @throws OptionsError naming the option, if its value is wrong. A check is not called with `undefined`. */
type Check = (name: string, value: unknown) => unknown

const price: Check = (name, value) => {
  if (typeof value === 'function' || toCredits(value) !== undefined) return
  throw new OptionsError(name, `${WHOLE_CREDITS}, or a function that gives one`)
}
const wholeCredits: Check = (name, value) => {
  if (toCredits(value) === undefined) throw new OptionsError(name, WHOLE_CREDITS)
}
const WHOLE_CREDITS = 'expected a whole number of credits ≥ 0'
const url: Check = (name, value) => {
  if (typeof value !== 'string' || !URL.canParse(value))
    throw new OptionsError(name, 'expected a URL')
}
const headerNames: Check = (name, value) => {
  const names: unknown[] = Array.isArray(value) ? value : [value]
  const isName = (one: unknown) => typeof one === 'string' && /^[\w-]+$/.test(one.trim())
  if (names.length > 0 && names.every(isName)) return
  throw new OptionsError(name, 'expected an HTTP header name, or a list of them')
}
const oneOf =
  (...allowed: string[]): Check =>
  (name, value) => {
    if (allowed.includes(value as string)) return
    throw new OptionsError(name, `expected ${allowed.map((one) => `'${one}'`).join(' or ')}`)
  }
const eachOf =
  (...allowed: string[]): Check =>
  (name, value) => {
    if (Array.isArray(value) && value.every((one) => allowed.includes(one as string))) return
    throw new OptionsError(
      name,
      `expected a list of ${allowed.map((one) => `'${one}'`).join(', ')}`,
    )
  }
const gatewayHandlerOrMethods: Check = (name, value) => {
  if (value === 'gateway' || value === 'handler') return
  if (Array.isArray(value)) return texts(name, value)
  throw new OptionsError(name, `expected 'gateway' or 'handler', or a list of methods`)
}
const methods =
  (what: string, ...names: string[]): Check =>
  (name, value) => {
    if (hasMethods(value, names)) return
    throw new OptionsError(name, `expected ${what} with ${names.join(' and ')}`)
  }

const asFunction: Check = (name, value) => optionalFunction(name, value)

/** Checked later, together with the network: the network says what is right. */
const together: Check = () => undefined
const wholeSeconds: Check = (name, value) => {
  if (Number.isInteger(value) && Number(value) >= 10 && Number(value) <= 3600) return
  throw new OptionsError(name, 'expected whole seconds from 10 to 3600')
}

/** Networks of AWS Marketplace are no chains. Nothing of ours can read what is quoted and signed for them. */
const network: Check = (name, value) => {
  text(name, value)
  if (!/^aws([:_-]|$)/i.test(String(value))) return
  const given = JSON.stringify(value)
  const why = `networks of AWS Marketplace (${given}) are not sold yet`
  throw new OptionsError(name, `expected the network of a chain, e.g. eip155:8453: ${why}`)
}
const rpcUrls: Check = (name, value) => {
  if (!isRecord(value)) throw new OptionsError(name, `expected { 'eip155:8453': 'https://…' }`)
  for (const [chain, given] of Object.entries(value)) {
    network(`${name}.${chain}`, chain)
    if (!/^eip155:[1-9]\d{0,31}$/.test(chain)) {
      throw new OptionsError(`${name}.${chain}`, 'expected an EVM chain as its name: eip155:8453')
    }
    const urls: unknown[] = Array.isArray(given) ? given : [given]
    if (urls.length > 0 && urls.every(isRpcUrl)) continue
    const expected = 'expected an https URL, or http on this machine, or a list of them'
    throw new OptionsError(`${name}.${chain}`, expected)
  }
}

function isRpcUrl(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
  return isSafe && username + password === ''
}

const asX402Facilitator = methods('a facilitator', 'verify', 'settle', 'getSupported')
const PLAN_METHODS = ['verifyPermissions', 'settlePermissions']
const asFacilitator = methods('a facilitator', ...PLAN_METHODS)
const asStore: Check = (name, value) => {
  const isScoped = isObject(value) && (value['scope'] === 'process' || value['scope'] === 'shared')
  if (isScoped && hasMethods(value, ['add', 'read', 'replace', 'remove', 'readAnswer'])) return
  throw new OptionsError(name, 'expected a payment store, such as memoryStore()')
}
/** Checks of a row of `tools`. */
export const TOOL_CHECKS: { [K in keyof Required<ToolOptions>]: Check } = {
  planId: text,
  planIds: texts,
  credits: price,
  maxCredits: wholeCredits,
  description: text,
  price: together,
  payTo: together,
  keepAnswers: optionalFlag,
  structuredChallenge: optionalFlag,
  validate: (name, value) => optionalFunction(name, value),
}
/** Checks of every option. The type makes sure that none is forgotten. */
export const CHECKS: { [K in OptionName]: Check } = {
  ...TOOL_CHECKS,
  payments: (name, value) => {
    if (isObject(value) && hasMethods(value['facilitator'], PLAN_METHODS)) return
    throw new OptionsError(name, 'expected a Payments instance, or an object with a facilitator')
  },
  facilitator: asFacilitator,
  facilitators: (name, value) => {
    if (!Array.isArray(value) || value.length === 0) {
      throw new OptionsError(name, 'expected a non-empty list of facilitators')
    }
    for (const one of value as unknown[]) asX402Facilitator(name, one)
  },
  maxTimeoutSeconds: wholeSeconds,
  rpcUrls,
  paymentIdentifier: oneOf('optional', 'required', 'off'),
  flow: oneOf('authorization', 'upfront', 'overlap'),
  onRefundDue: asFunction,
  onEvent: asFunction,
  creditsFrom: eachOf('meta', 'header', 'body', 'content'),
  // A Map would count as an empty object, and its prices would be ignored.
  tools: (name, value) => {
    if (isRecord(value) && !(Symbol.iterator in value)) return
    throw new OptionsError(name, 'expected an object of tool names')
  },
  toolNames: texts,
  scheme: text,
  network,
  agentId: text,
  endpoint: url,
  mimeType: text,
  tokenHeader: headerNames,
  billableMethods: texts,
  otherMethods: gatewayHandlerOrMethods,
  httpTargets: oneOf('http', 'mcp'),
  httpEvents: oneOf('http', 'mcp'),
  cors: checkCors,
  forwardAuthorization: optionalFlag,
  onBeforeVerify: asFunction,
  onAfterVerify: asFunction,
  onAfterSettle: asFunction,
  onPaymentError: asFunction,
  onSettlementRefused: oneOf('withhold', 'deliver'),
  onSettlementUnknown: oneOf('withhold', 'deliver'),
  retrySettleByRequestId: optionalFlag,
  paymentStore: asStore,
  waitForAnswerMs: (name, value) => optionalInteger(name, value, 0, 60_000),
  replayAnswers: oneOf('identified', 'all'),
  onTakeover: oneOf('rerun', 'unknown'),
  overdraftGuard: optionalFlag,
  idempotencyKey: asFunction,
  chargeOnError: optionalFlag,
  verifyTimeoutMs: optionalMilliseconds,
  settleTimeoutMs: optionalMilliseconds,
  settleReserveMs: optionalMilliseconds,
  logger: methods('a logger', 'debug', 'info', 'warn', 'error'),
  now: asFunction,
}

/** Objects of any make, class instances with accessors included. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'function')
}

/** Options with another name or place here: options of payments-py, and former names of ours. */
const MOVED: Readonly<Record<string, string>> = {
  options:
    'is not an option: write its members beside planId, e.g. tokenHeader, billableMethods, onAfterSettle',
  defaultCredits: 'is not an option; did you mean credits?',
  unbilled: 'is not an option; did you mean otherMethods?',
}

/** @throws OptionsError for an unknown option, naming the option that was probably meant. */
export function refuseUnknownOptions(options: object): void {
  for (const name of Object.keys(options)) {
    const known = camelCase(name)
    if (Object.hasOwn(MOVED, known)) throw new OptionsError(name, MOVED[known] ?? '')
  }
  refuseUnknown(options, CHECKS, 'is not an option')
}

/** @throws OptionsError for an option that cannot be set for one tool alone. */
export function refuseUnknownToolOptions(tool: string, row: object): void {
  const path = `tools.${tool}.`
  for (const name of Object.keys(row)) {
    const known = camelCase(name)
    if (Object.hasOwn(TOOL_CHECKS, known) || !Object.hasOwn(CHECKS, known)) continue
    throw new OptionsError(path + name, `is the same for every tool: write ${known} beside tools`)
  }
  refuseUnknown(row, TOOL_CHECKS, 'is not an option', path)
}

/** A Python name in camel case. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
