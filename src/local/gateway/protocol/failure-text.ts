import type { Gateway } from './gateway-state.js'
import { GENERIC_FAILURE } from './json-rpc.js'

/** What a caller is told of a failure: the reason only with `exceptionLevel: 'DEBUG'`. */
export function failureText({ settings }: Gateway, error: unknown): string {
  if (!settings.debug) return GENERIC_FAILURE
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
