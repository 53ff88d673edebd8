import { PaymentUnavailableError } from '../errors/payment-error.js'
import type { Item } from './item.js'

/** An error of the AWS SDK. */
interface Thrown {
  readonly name?: string
  readonly code?: unknown
  readonly Item?: Item
  readonly CancellationReasons?: readonly { Code?: string; Item?: Item }[]
  readonly $metadata?: { httpStatusCode?: number }
}

/** The outcome of one condition. */
export interface Condition {
  readonly isLost: boolean
  /** The item that is there, or `undefined` if there is none. */
  readonly item: Item | undefined
}

/** @returns the conditions of a write in their order, or `undefined` if it failed for another reason. */
export function lostConditions(error: unknown): readonly Condition[] | undefined {
  const { name, Item: item, CancellationReasons: reasons = [] } = error as Thrown
  if (name === 'ConditionalCheckFailedException') return [{ isLost: true, item }]
  if (!reasons.some(({ Code }) => Code === LOST)) return undefined
  return reasons.map(({ Code, Item: one }) => ({ isLost: Code === LOST, item: one }))
}

const LOST = 'ConditionalCheckFailed'

/** Whether the same request may succeed a little later. */
export function isTransient(error: unknown): boolean {
  const { name = '', CancellationReasons: reasons, $metadata } = error as Thrown
  if (reasons !== undefined) return reasons.every(({ Code = '' }) => PASSING.has(Code))
  if (PASSING.has(name)) return true
  const status = $metadata?.httpStatusCode
  // Without a status no answer came. An error of the credentials does not pass by itself.
  return status === undefined ? !name.endsWith('ProviderError') : status >= 500
}

const PASSING: ReadonlySet<string> = new Set([
  ...['None', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'],
  ...['TransactionConflictException', 'TransactionInProgressException', 'ThrottlingException'],
  ...['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ReplicatedWriteConflict'],
])

/** Makes an error that says what to do. It quotes only the kind of AWS's error. */
export function failedOn(operation: string, table: string, error: unknown): Error {
  const { name = 'Error', code, CancellationReasons: reasons, $metadata } = error as Thrown
  const status = $metadata?.httpStatusCode
  const facts = [
    name,
    ...(typeof code === 'string' ? [code] : []),
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(reasons ?? []).flatMap(({ Code = 'None' }) => (Code === 'None' ? [] : [Code])),
  ]
  const advice = ADVICE[name]?.(operation, table) ?? 'the payment store failed'
  return new PaymentUnavailableError(
    'store_unavailable',
    `${advice} (${operation} on table "${table}": ${facts.join(', ')})`,
  )
}

const ADVICE: Readonly<Record<string, (operation: string, table: string) => string>> = {
  ResourceNotFoundException: (_, table) =>
    `the table is not there: create it from tableDefinition('${table}')`,
  AccessDeniedException: (operation) => `the function lacks the permission for ${operation}`,
  CredentialsProviderError: () => 'no AWS credentials were found',
}
