import { toCredits } from '../../wire/amounts.js'
import type { RequiresPaymentOptions, ToolOptions } from './options.js'
import { isRecord } from '../../wire/json.js'

type KeysOfUnion<T> = T extends unknown ? keyof T : never
export type OptionName = KeysOfUnion<RequiresPaymentOptions>

/** @returns what was expected, or `undefined` if the value is good. */
type Check = (value: unknown) => string | undefined

const text: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : 'expected a non-empty string'
const texts: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((item) => text(item) === undefined)
    ? undefined
    : 'expected a non-empty list of non-empty strings'
const url: Check = (value) =>
  typeof value === 'string' && URL.canParse(value) ? undefined : 'expected a URL'
const headerName: Check = (value) =>
  typeof value === 'string' && /^[\w-]+$/.test(value.trim())
    ? undefined
    : 'expected an HTTP header name, or a list of them'
const headerNames: Check = (value) => {
  const names: unknown[] = Array.isArray(value) ? value : [value]
  return names.length === 0 ? headerName(undefined) : names.map(headerName).find((it) => it)
}
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'expected true or false')
const callable: Check = (value) => (typeof value === 'function' ? undefined : 'expected a function')
const milliseconds: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 900_000
    ? undefined
    : 'expected whole milliseconds from 1 to 900000'
const wholeCredits: Check = (value) =>
  toCredits(value) === undefined ? 'expected a whole number of credits ≥ 0' : undefined
const price: Check = (value) =>
  typeof value === 'function' || wholeCredits(value) === undefined
    ? undefined
    : 'expected a whole number of credits ≥ 0, or a function that gives one'
const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value as string)
      ? undefined
      : `expected ${allowed.map((name) => `'${name}'`).join(' or ')}`
const eachOf =
  (...allowed: string[]): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => allowed.includes(item as string))
      ? undefined
      : `expected a list of ${allowed.map((name) => `'${name}'`).join(', ')}`
const methods =
  (what: string, ...names: string[]): Check =>
  (value) =>
    isObject(value) && names.every((name) => typeof value[name] === 'function')
      ? undefined
      : `expected ${what} with ${names.join(' and ')}`

/** Looked at together with the network, which says what is right. */
const together: Check = () => undefined
const wholeSeconds: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 10 && Number(value) <= 3600
    ? undefined
    : 'expected whole seconds from 10 to 3600'

const asX402Facilitator = methods('a facilitator', 'verify', 'settle', 'getSupported')
const asFacilitator = methods('a facilitator', 'verifyPermissions', 'settlePermissions')
/** Of a row of `tools`. */
export const TOOL_CHECKS: { [K in keyof Required<ToolOptions>]: Check } = {
  planId: text,
  planIds: texts,
  credits: price,
  maxCredits: wholeCredits,
  description: text,
  price: together,
  payTo: together,
}
/** Of every option; fails to compile when one is forgotten. */
export const CHECKS: { [K in OptionName]: Check } = {
  ...TOOL_CHECKS,
  payments: (value) =>
    isObject(value) && asFacilitator(value['facilitator']) === undefined
      ? undefined
      : 'expected a Payments instance, or an object with a facilitator',
  facilitator: asFacilitator,
  facilitators: (value) =>
    Array.isArray(value) && value.length > 0
      ? value.map(asX402Facilitator).find((problem) => problem !== undefined)
      : 'expected a non-empty list of facilitators',
  maxTimeoutSeconds: wholeSeconds,
  paymentIdentifier: oneOf('optional', 'required', 'off'),
  flow: oneOf('authorization', 'upfront', 'overlap'),
  onRefundDue: callable,
  onEvent: callable,
  creditsFrom: eachOf('meta', 'header', 'body', 'content'),
  // A Map would count as an empty object, and its prices for nothing.
  tools: (value) =>
    isRecord(value) && !(Symbol.iterator in value) ? undefined : 'expected an object of tool names',
  scheme: text,
  network: text,
  agentId: text,
  endpoint: url,
  mimeType: text,
  tokenHeader: headerNames,
  billableMethods: texts,
  unbilled: oneOf('gateway', 'handler'),
  httpTargets: oneOf('http', 'mcp'),
  httpEvents: oneOf('http', 'mcp'),
  forwardAuthorization: flag,
  onBeforeVerify: callable,
  onAfterVerify: callable,
  onAfterSettle: callable,
  onPaymentError: callable,
  onSettlementRefused: oneOf('withhold', 'deliver'),
  onSettlementUnknown: oneOf('withhold', 'deliver'),
  retrySettleByRequestId: flag,
  chargeOnError: flag,
  verifyTimeoutMs: milliseconds,
  settleTimeoutMs: milliseconds,
  settleReserveMs: milliseconds,
  logger: methods('a logger', 'debug', 'info', 'warn', 'error'),
  now: callable,
}

/** Objects of any make, class instances with accessors included. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
