import { wasNeverSent } from '../../errors/never-sent.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'

/** An error of the AWS SDK. */
interface Thrown {
  readonly name?: string
  readonly code?: unknown
  readonly message?: string
  readonly $metadata?: { httpStatusCode?: number }
}

/** A request of an operator. */
export interface Asked {
  /** The operation, e.g. `Scan`. */
  readonly operation: string
  readonly table: string
  readonly endpoint: string | undefined
}

/** Makes an error that tells an operator what to do. It quotes only the kind of AWS's error. */
export function operatorFailure(asked: Asked, error: unknown): PaymentUnavailableError {
  const { name = 'Error', code, $metadata } = error as Thrown
  const status = $metadata?.httpStatusCode
  const facts = [
    name,
    ...(typeof code === 'string' ? [code] : []),
    ...(status === undefined ? [] : [`HTTP ${status}`]),
  ]
  const advice = wasNeverSent(error)
    ? `nothing answers${asked.endpoint === undefined ? ' at the endpoint' : ` at ${asked.endpoint}`}`
    : adviceFor(asked, error as Thrown)
  const where = `${asked.operation} on table "${asked.table}"`
  return new PaymentUnavailableError(
    'store_unavailable',
    `${advice} (${where}: ${facts.join(', ')})`,
  )
}

function adviceFor({ operation, table, endpoint }: Asked, { name = '', message }: Thrown) {
  const at = endpoint === undefined ? '' : ` at ${endpoint}`
  if (name === 'ResourceNotFoundException') {
    return `there is no table "${table}"${at || ' in this region'}: check --table and --region, or create it with payments create-table`
  }
  if (name === 'AccessDeniedException') {
    return `these AWS credentials may not do dynamodb:${operation} on the table`
  }
  if (name === 'CredentialsProviderError') {
    return 'no AWS credentials were found: sign in, or set AWS_PROFILE'
  }
  if (/^(UnrecognizedClient|InvalidSignature|ExpiredToken)/.test(name)) {
    return 'AWS does not accept these credentials: sign in again'
  }
  if (message === 'Region is missing')
    return 'no AWS region is set: give --region, or set AWS_REGION'
  if (/Throttling|Throughput|RequestLimit/.test(name)) {
    return 'the table is busy: run the command again later'
  }
  return 'the table could not be asked'
}
