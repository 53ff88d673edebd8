import { PaymentError } from '../../errors/payment-error.js'
import { redacted } from '../../errors/redact.js'
import { isRecord } from '../../wire/json.js'
import { NotSent } from './bearer.js'
import { AwsError } from './errors.js'
import { NAME_RULES, fieldsIn, plain, toldFields, type RefusedField } from './field-rules.js'
import { factsOf, isError } from '../../errors/error-facts.js'

/** An error of AWS, for methods that turn some errors into errors of their own. */
export interface AwsFailure {
  /** E.g. `ResourceNotFoundException`. */
  name: string
  /** The message as the service wrote it. It is used to tell failures apart, and is not shown. */
  rawMessage: string
  /** The fields that a ValidationException names. */
  fields: readonly string[]
  /** The message that may be shown. */
  message: string
  /** Error options with the `cause` to pass on. */
  options: ErrorOptions
}

/** The call that failed, and what is known about its errors. */
export interface FailedCall {
  /** E.g. `GetPaymentSession`. The message begins with it. */
  operation: string
  signal?: AbortSignal | undefined
  /**
   * Whether the request holds secrets. Then only the names of the error and of fields are kept of the answer.
   */
  isSecret?: boolean
  /** The caller's name for a member of the input. Default: AWS's name. */
  nameOf?: ((field: string) => string) | undefined
  /** Turns an error of AWS into an error of ours, if there is one for it. */
  specific?: (failure: AwsFailure) => PaymentError | undefined
}

/**
 * Turns an error that the SDK threw into one that a method may throw. It is a {@link PaymentError}, or the
 * reason of the signal that ended the call. Errors are told apart by their names, since there may be several copies
 * of the SDK.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/CommonErrors.html
 */
export function failureOf(thrown: unknown, call: FailedCall): unknown {
  if (call.signal?.aborted) return call.signal.reason
  if (thrown instanceof NotSent) return thrown.failure
  if (thrown instanceof PaymentError) return thrown
  const { operation } = call
  if (isUnread(thrown)) return unreadAnswer(thrown, operation)
  const options = { cause: factsOf(thrown, call.isSecret !== true) }
  if (isOfService(thrown)) return serviceError(thrown, call, options)
  const { name, message, code } = options.cause
  if (code === 'ETIMEDOUT' || (code === undefined && name === 'TimeoutError')) {
    return new PaymentError('timeout', `${operation}: no answer in time`, options)
  }
  if (isOfConnection(code) || isWrapped(thrown)) {
    const why = code === undefined ? '' : ` (${code})`
    return new PaymentError('network_error', `${operation}: no answer${why}`, options)
  }
  return new AwsError(name, said(operation, name, call.isSecret ? undefined : message), options)
}

/**
 * Whether a system error is about the connection. Credentials are read from files, so other system errors
 * occur too.
 */
function isOfConnection(code: string | undefined): boolean {
  const isOfFiles = /^(ENOENT|EACCES|EPERM|EISDIR|ENOTDIR|ERR_INVALID_\w+|ERR_MODULE_\w+)$/
  return code !== undefined && !isOfFiles.test(code)
}

/**
 * Whether the SDK wrapped the error. It wraps Node's own errors if it runs within a `vm`, as under test
 * runners.
 */
function isWrapped(thrown: unknown): boolean {
  return isError(thrown) && thrown.message.startsWith('AWS SDK error wrapper for ')
}

/**
 * Whether the answer could not be read. The SDK keeps the answer beside such an error. The error of a broken
 * connection has a code or a name.
 */
function isUnread(thrown: unknown): thrown is Error {
  if (!isError(thrown) || thrown.name === 'TimeoutError') return false
  return '$response' in thrown && !('$fault' in thrown) && !('code' in thrown)
}

/**
 * The error for an answer that could not be read. It has no message of the SDK, since that quotes the answer.
 */
function unreadAnswer(thrown: Error, operation: string): PaymentError {
  const cause = factsOf(thrown, false)
  const { httpStatus = 200 } = cause
  if (httpStatus >= 300) return httpError(httpStatus, operation, { cause })
  return unreadable(operation, { cause })
}

/** The error for an answer that is not what AWS promises. */
export function unreadable(operation: string, options?: ErrorOptions): PaymentError {
  return new PaymentError(
    'unreadable_answer',
    `${operation}: the answer is not in AWS's form`,
    options,
  )
}

function httpError(status: number, operation: string, options: ErrorOptions): PaymentError {
  return new PaymentError(`http_${status}`, `${operation}: HTTP ${status}`, options)
}

interface ServiceError extends Error {
  $fault: unknown
  $metadata?: { httpStatusCode?: number }
}

function isOfService(thrown: unknown): thrown is ServiceError {
  return isError(thrown) && '$fault' in thrown
}

function serviceError(thrown: ServiceError, call: FailedCall, options: ErrorOptions): PaymentError {
  const { operation, isSecret } = call
  const { name, message: rawMessage } = thrown
  // Something that answers in AWS's place, e.g. a proxy, has no such names.
  if (!isName(name)) {
    return httpError(thrown.$metadata?.httpStatusCode ?? 500, operation, options)
  }
  const fields = refusedFields(thrown)
  const why = whyRefused(name, fields, call)
  if (isSecret) return new AwsError(name, said(operation, name, why), options)
  const message = said(operation, name, why ?? plain(rawMessage), subscriptionUrlOf(thrown))
  const failure = { name, rawMessage, fields: fields.map((one) => one.name), message, options }
  return call.specific?.(failure) ?? new AwsError(name, message, options)
}

/** Names the refused fields and their rules in our words. `undefined` if only AWS's own words can say why. */
function whyRefused(
  name: string,
  fields: readonly RefusedField[],
  { operation, isSecret = false, nameOf }: FailedCall,
): string | undefined {
  if (name === 'ValidationException') return toldFields(fields, { operation, isSecret, nameOf })
  // A request that makes something can only be in conflict with a taken name.
  if (name !== 'ConflictException' || !(operation in NAME_RULES)) return undefined
  return `${nameOf?.('name') ?? 'name'}: ${TAKEN}`
}

const TAKEN = 'taken, or of one that is still being deleted; choose another, or wait and try again'

function isName(name: string): boolean {
  const isReadable = /^[A-Z][A-Za-z0-9]{2,80}$/.test(name) && redacted(name) === name
  return isReadable && !/^Unknown(Error)?$/.test(name)
}

function said(operation: string, name: string, ...sentences: (string | undefined)[]): string {
  return [`${operation}: ${name}`, ...sentences.filter((sentence) => sentence)].join(': ')
}

function refusedFields(thrown: Error): RefusedField[] {
  const { fieldList } = thrown as { fieldList?: unknown }
  if (!Array.isArray(fieldList) || fieldList.length === 0) return fieldsIn(thrown.message)
  return fieldList.flatMap((field: unknown) => {
    if (!isRecord(field) || typeof field['name'] !== 'string') return []
    const { name, message } = field
    return [{ name, message: typeof message === 'string' ? message : undefined }]
  })
}

/** The URL that a SubscriptionRequiredException names for subscribing. */
function subscriptionUrlOf(thrown: object): string | undefined {
  const { subscriptionUrl: url } = thrown as { subscriptionUrl?: unknown }
  const isOfAws =
    typeof url === 'string' && /^https:\/\/[\w.-]+\.amazon\.com\/[\w/-]{0,100}$/.test(url)
  return isOfAws ? `subscribe at ${url}` : undefined
}
