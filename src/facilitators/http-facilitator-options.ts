import { onlyKnown, optionalFunction } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { isLoopback } from '../wire/loopback.js'
import type { AuthHeaders } from './auth-headers.js'
import { SupportedSchema, type SupportedKinds } from './facilitator-client.js'

/** Options of `HTTPFacilitatorClient`, named as in `@x402/core`. */
export interface HTTPFacilitatorClientOptions {
  /**
   * Where `/verify`, `/settle` and `/supported` are: https, or http on this machine. Required. It is optional in the
   * type alone, as in `FacilitatorConfig` of `@x402/core`, so that the config of `@coinbase/x402` can be given.
   *
   * @default none
   */
  url?: string | undefined
  /**
   * Gives the headers that say who asks. It is called for every request.
   *
   * @default none: no headers
   */
  createAuthHeaders?: (() => Promise<AuthHeaders>) | undefined
  /**
   * What `GET /supported` answers, e.g. as it was when you deployed. It is then never asked for.
   *
   * @default looked up when needed, and kept for 5 minutes
   */
  supported?: SupportedKinds | undefined
  /**
   * Where the facilitator says what became of a settlement, as a path below `url`. `'status'` asks for
   * `<url>/status/<id>`, as Circle has it. A settlement that stays pending is then asked about there, and not sent
   * again.
   *
   * @default none
   */
  statusPath?: string | undefined
  /**
   * The clock, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

/** @throws OptionsError naming the option at fault. */
export function checkedOptions(options: HTTPFacilitatorClientOptions) {
  const given: unknown = options
  onlyKnown('options', given, OPTIONS)
  const { url, createAuthHeaders, supported, statusPath, now } = options
  return {
    url: checkedUrl(url),
    createAuthHeaders: optionalFunction('createAuthHeaders', createAuthHeaders),
    supported: checkedSupported(supported),
    statusPath: checkedPath(statusPath),
    now: optionalFunction('now', now) ?? Date.now,
  }
}

const OPTIONS: Readonly<Record<keyof HTTPFacilitatorClientOptions, true>> = {
  url: true,
  createAuthHeaders: true,
  supported: true,
  statusPath: true,
  now: true,
}

function checkedUrl(url: unknown): string {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (
    parsed?.protocol !== 'https:' &&
    !(parsed?.protocol === 'http:' && isLoopback(parsed.hostname))
  ) {
    throw new OptionsError('url', 'expected an https URL, or http on this machine')
  }
  const { username, password, search, hash, origin, pathname } = parsed
  if (username + password + search + hash !== '') {
    throw new OptionsError('url', 'expected no credentials, query or fragment in it')
  }
  return origin + pathname.replace(/\/+$/, '')
}

function checkedPath(path: unknown): string | undefined {
  if (path === undefined) return undefined
  const trimmed = typeof path === 'string' ? path.replace(/^\/|\/$/g, '') : ''
  if (/^[\w-]+(\/[\w-]+)*$/.test(trimmed)) return trimmed
  throw new OptionsError('statusPath', `expected a path below url, e.g. 'status'`)
}

function checkedSupported(supported: unknown): SupportedKinds | undefined {
  if (supported === undefined) return undefined
  const parsed = SupportedSchema.safeParse(supported)
  if (!parsed.success) {
    const expected =
      'expected what GET /supported answers: { kinds: [{ x402Version, scheme, network }] }'
    throw new OptionsError('supported', expected)
  }
  return parsed.data
}
