import { PaymentError } from '../../errors/payment-error.js'
import { redacted } from '../../errors/redact.js'
import { isRecord } from '../../wire/json.js'
import { NotSent } from './bearer.js'
import { AwsError } from './errors.js'
import { NAME_RULES, fieldsIn, plain, toldFields, type RefusedField } from './field-rules.js'
import { factsOf, isError } from '../../errors/error-facts.js'

/** An error of AWS, as a method sees it that has errors of its own for some. */
export interface AwsFailure {
  /** E.g. `ResourceNotFoundException`. */
  name: string
  /** As the service wrote it: to tell failures apart by, not to be shown. */
  rawMessage: string
  /** The fields a ValidationException names. */
  fields: readonly string[]
  /** The message that may be shown. */
  message: string
  /** To be passed on as `cause`. */
  options: ErrorOptions
}

/** Where an error came from, and who knows more of it. */
export interface FailedCall {
  /** E.g. `GetPaymentSession`; the message begins with it. */
  operation: string
  signal?: AbortSignal | undefined
  /** True where the request holds secrets: of the service's answer only names of the error and of fields are kept. */
  isSecret?: boolean
  /** What the caller calls a member of the input. Default: as AWS does. */
  nameOf?: ((field: string) => string) | undefined
  /** The error of ours an error of AWS is, if it is one. */
  specific?: (failure: AwsFailure) => PaymentError | undefined
}

/**
 * Turns what a call of the SDK threw into what a method may throw: a {@link PaymentError}, or the reason
 * of the signal that ended it. Errors are told apart by their names, since there may be several copies of the SDK.
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

/** Credentials are read from files, too. */
function isOfConnection(code: string | undefined): boolean {
  const isOfFiles = /^(ENOENT|EACCES|EPERM|EISDIR|ENOTDIR|ERR_INVALID_\w+|ERR_MODULE_\w+)$/
  return code !== undefined && !isOfFiles.test(code)
}

/** The SDK does so with errors of Node's own where it runs within a `vm`, as under test runners. */
function isWrapped(thrown: unknown): boolean {
  return isError(thrown) && thrown.message.startsWith('AWS SDK error wrapper for ')
}

/** The SDK keeps the answer beside an error it met while reading it; a broken connection has a code or name. */
function isUnread(thrown: unknown): thrown is Error {
  if (!isError(thrown) || thrown.name === 'TimeoutError') return false
  return '$response' in thrown && !('$fault' in thrown) && !('code' in thrown)
}

/** No message: it quotes the answer. */
function unreadAnswer(thrown: Error, operation: string): PaymentError {
  const cause = factsOf(thrown, false)
  const { httpStatus = 200 } = cause
  if (httpStatus >= 300) return httpError(httpStatus, operation, { cause })
  return unreadable(operation, { cause })
}

/** An answer that is not what AWS promises. */
export function unreadable(operation: string, options?: ErrorOptions): PaymentError {
  return new PaymentError('unreadable_answer', `${operation}: the answer is not AWS's`, options)
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
  // What answers in AWS's place, e.g. a proxy, has no such names.
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

/** Fields and rules in our words; undefined where AWS's own have to do, or none. */
function whyRefused(
  name: string,
  fields: readonly RefusedField[],
  { operation, isSecret = false, nameOf }: FailedCall,
): string | undefined {
  if (name === 'ValidationException') return toldFields(fields, { operation, isSecret, nameOf })
  // Nothing else of a request that makes something can be in the way.
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

/** Where a SubscriptionRequiredException says what to subscribe to. */
function subscriptionUrlOf(thrown: object): string | undefined {
  const { subscriptionUrl: url } = thrown as { subscriptionUrl?: unknown }
  const isOfAws =
    typeof url === 'string' && /^https:\/\/[\w.-]+\.amazon\.com\/[\w/-]{0,100}$/.test(url)
  return isOfAws ? `subscribe at ${url}` : undefined
}
