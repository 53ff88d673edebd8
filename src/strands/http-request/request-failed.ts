import { systemCode } from '../../errors/error-facts.js'
import { isRecord } from '../../wire/json.js'

/** A request that got no answer. The model reads its message, so it holds nothing secret. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
}

/** The reason in our own words, or the code of the system. Other messages can quote a header. */
export function reasonOf(error: unknown, { aborted, reason }: AbortSignal): string {
  if (error instanceof RequestFailed) return error.message
  if (aborted) return isTimeout(reason) ? 'no answer in time' : 'cancelled'
  return systemCode(error) ?? 'network error'
}

function isTimeout(reason: unknown): boolean {
  return isRecord(reason) && reason['code'] === 'timeout'
}
