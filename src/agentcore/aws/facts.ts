import { types } from 'node:util'
import { redacted } from '../../errors/redact.js'

/**
 * What may be kept of an error from outside. The error itself holds the whole exchange, with tokens,
 * signatures and payments, where `util.inspect` finds them.
 */
export class Facts extends Error {
  /** `ECONNRESET` of a socket. */
  declare readonly code?: string
  declare readonly httpStatus?: number
  /** Of the answer, for AWS's support. */
  declare readonly requestId?: string
  /** How often the SDK tried. */
  declare readonly attempts?: number

  constructor(name: string, message: string, more: FurtherFacts) {
    super(message)
    this.name = name
    Object.assign(this, more)
    // It would point here.
    delete this.stack
  }
}

interface FurtherFacts {
  code?: string
  httpStatus?: number
  requestId?: string
  attempts?: number
}

/** @param withMessage false where what was sent holds secrets: a message can quote it in any form. */
export function factsOf(thrown: unknown, withMessage = true): Facts {
  if (!isError(thrown)) return new Facts(typeof thrown, `threw a ${typeof thrown}`, {})
  const isName = /^\w{1,80}$/.test(thrown.name) && redacted(thrown.name) === thrown.name
  const name = isName ? thrown.name : 'Error'
  return new Facts(name, withMessage ? redacted(thrown.message) : name, furtherFacts(thrown))
}

/** Errors of Node's own are of another class within a `vm`, where test runners run. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown)
}

function furtherFacts(thrown: Error & SdkMembers): FurtherFacts {
  const { httpStatusCode, requestId, attempts } = thrown.$metadata ?? {}
  return {
    ...(isCode(thrown.code) && { code: thrown.code }),
    ...(Number.isInteger(httpStatusCode) && { httpStatus: Number(httpStatusCode) }),
    ...(isId(requestId) && { requestId }),
    ...(Number.isInteger(attempts) && { attempts: Number(attempts) }),
  }
}

interface SdkMembers {
  code?: unknown
  $metadata?: { httpStatusCode?: unknown; requestId?: unknown; attempts?: unknown }
}

function isCode(value: unknown): value is string {
  return (
    typeof value === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(value) && redacted(value) === value
  )
}

/** A UUID: anything else that a server writes there could be a quotation. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
}
