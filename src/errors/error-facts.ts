import { types } from 'node:util'
import { redacted } from './redact.js'

/**
 * The facts of an error from outside that may be kept. The error itself holds the whole exchange, with
 * tokens, signatures and payments: `util.inspect` would show them.
 */
export class ErrorFacts extends Error {
  /** E.g. `ECONNRESET` from a socket, `-32001` from JSON-RPC. */
  declare readonly code?: string | number
  declare readonly httpStatus?: number
  /** The request id in the answer, for AWS's support. */
  declare readonly requestId?: string
  /** How often the SDK tried. */
  declare readonly attempts?: number

  constructor(name: string, message: string, more: FurtherFacts = {}) {
    super(message)
    this.name = name
    Object.assign(this, more)
    // The stack would point here, and not to where the error was thrown.
    delete this.stack
  }
}

interface FurtherFacts {
  code?: string | number
  httpStatus?: number
  requestId?: string
  attempts?: number
}

/** The facts of an error of a system or service. Its codes are texts. */
type FactsOfAnother = ErrorFacts & { readonly code?: string }

/** @param withMessage false if the request holds secrets: a message can quote them in any form. */
export function factsOf(thrown: unknown, withMessage = true): FactsOfAnother {
  if (!isError(thrown))
    return new ErrorFacts(typeof thrown, `threw a ${typeof thrown}`) as FactsOfAnother
  const isName = /^\w{1,80}$/.test(thrown.name) && redacted(thrown.name) === thrown.name
  const name = isName ? thrown.name : 'Error'
  const message = withMessage ? redacted(thrown.message) : name
  return new ErrorFacts(name, message, furtherFacts(thrown)) as FactsOfAnother
}

/** Whether it is an error. In a `vm`, where test runners run, Node's own errors are of another class. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown)
}

/** `ECONNRESET` and its like; `undefined` if the code could be anything else. */
export function systemCode(thrown: unknown): string | undefined {
  const { code } = (thrown ?? {}) as { code?: unknown }
  const isCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)
  return isCode && redacted(code) === code ? code : undefined
}

function furtherFacts(thrown: Error & SdkMembers): FurtherFacts {
  const { httpStatusCode, requestId, attempts } = thrown.$metadata ?? {}
  const code = systemCode(thrown)
  return {
    ...(code !== undefined && { code }),
    ...(Number.isInteger(httpStatusCode) && { httpStatus: Number(httpStatusCode) }),
    ...(isId(requestId) && { requestId }),
    ...(Number.isInteger(attempts) && { attempts: Number(attempts) }),
  }
}

interface SdkMembers {
  $metadata?: { httpStatusCode?: unknown; requestId?: unknown; attempts?: unknown }
}

/** Whether it is a UUID. Anything else that a server writes there could be a quotation. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
}
