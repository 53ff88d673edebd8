import { OptionsError } from '../../../errors/payment-error.js'
import { isRecord } from '../../../wire/json.js'
import { DEFAULT_ASSUMPTIONS, type Assumptions } from './assumptions.js'
import { checkOptions } from './option-checks.js'
import type { GatewayInterceptor, GatewayOptions, GatewayTarget } from './options.js'
import { PROTOCOL_VERSIONS } from './versions.js'

/** The options with every default filled in. */
export interface Settings {
  targets: readonly GatewayTarget[]
  request: Interceptor | undefined
  response: Interceptor | undefined
  protocolVersions: readonly string[]
  search: boolean
  streaming: boolean
  /** How long a session lasts; `undefined` if there are no sessions. Unit: ms. */
  sessionTimeoutMs: number | undefined
  debug: boolean
  interceptorTimeoutMs: number
  targetTimeoutMs: number
  assume: Assumptions
  now: () => number
}

export interface Interceptor extends Pick<GatewayInterceptor, 'lambda'> {
  passRequestHeaders: boolean
  passResponseBody: boolean
}

const DEFAULT_SESSION_SECONDS = 3600

/**
 * Checks the options, and fills in the defaults.
 *
 * @throws OptionsError
 */
export function readSettings(options: GatewayOptions): Settings {
  checkOptions(options)
  const { sessions = false } = options
  return {
    targets: options.targets,
    request: readInterceptor(options.requestInterceptor),
    response: readInterceptor(options.responseInterceptor),
    protocolVersions: options.protocolVersions ?? PROTOCOL_VERSIONS,
    search: options.search ?? true,
    streaming: options.streaming ?? false,
    sessionTimeoutMs: sessions === false ? undefined : sessionSeconds(sessions) * 1000,
    debug: options.exceptionLevel === 'DEBUG',
    interceptorTimeoutMs: options.interceptorTimeoutMs ?? 30_000,
    targetTimeoutMs: options.targetTimeoutMs ?? 900_000,
    assume: { ...DEFAULT_ASSUMPTIONS, ...options.assume },
    now: options.now ?? Date.now,
  }
}

function sessionSeconds(sessions: true | { timeoutSeconds?: number }): number {
  const { timeoutSeconds = DEFAULT_SESSION_SECONDS } = sessions === true ? {} : sessions
  if (!(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 900 && timeoutSeconds <= 28_800)) {
    throw new OptionsError('sessions.timeoutSeconds', 'expected whole seconds from 900 to 28800')
  }
  return timeoutSeconds
}

function readInterceptor(options: GatewayInterceptor | undefined): Interceptor | undefined {
  if (options === undefined) return undefined
  const { lambda, passRequestHeaders = false, payloadFilter } = options
  const excluded = isRecord(payloadFilter) && payloadFilter.exclude.length > 0
  return { lambda, passRequestHeaders, passResponseBody: !excluded }
}
