import { isRecord } from '../../wire/json.js'

/** A request that got no answer. Its message is for the model: nothing secret is in it. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
}

/** In words of ours, or the code of the system: other messages can quote a header. */
export function reasonOf(error: unknown, { aborted, reason }: AbortSignal): string {
  if (error instanceof RequestFailed) return error.message
  if (aborted) return codeOf(reason) === 'timeout' ? 'no answer in time' : 'cancelled'
  const code = codeOf(error) ?? ''
  return /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : 'network error'
}

function codeOf(error: unknown): string | undefined {
  const code = isRecord(error) ? error['code'] : undefined
  return typeof code === 'string' ? code : undefined
}
