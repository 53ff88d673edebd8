import type { Gateway } from './gateway-state.js'
import { GENERIC_FAILURE } from './json-rpc.js'

/** The text that a caller gets about a failure. It has the reason only with `exceptionLevel: 'DEBUG'`. */
export function failureText({ settings }: Gateway, error: unknown): string {
  if (!settings.debug) return GENERIC_FAILURE
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
