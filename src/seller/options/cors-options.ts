import { onlyKnown, optionalFlag, optionalInteger, texts } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { CorsRules } from '../events/cors-rules.js'
import { isRecord } from '../../wire/json.js'

/** What web pages of other origins may do: the option `cors`. */
export interface CorsOptions {
  /**
   * The origins whose pages may buy, e.g. `['https://shop.example']`. `'*'` is every page.
   *
   * @default '*'
   */
  origins?: '*' | readonly string[] | undefined
  /**
   * Further request headers that pages may send, in any case. These they always may: `accept`, `authorization`,
   * `content-type`, the headers of MCP, and those that a payment may come in.
   *
   * @default none
   */
  allowHeaders?: readonly string[] | undefined
  /**
   * Further answer headers that pages may read, in any case. These they always may: the headers of payments,
   * `mcp-session-id`, `retry-after` and `www-authenticate`.
   *
   * @default none
   */
  exposeHeaders?: readonly string[] | undefined
  /**
   * Whether pages may send cookies. It needs a list of origins.
   *
   * @default false
   */
  allowCredentials?: boolean | undefined
  /**
   * How long a browser remembers the answer to a preflight. Unit: s, 0 to 86 400.
   *
   * @default 600
   */
  maxAgeSeconds?: number | undefined
}

const KNOWN: Record<keyof CorsOptions, true> = {
  origins: true,
  allowHeaders: true,
  exposeHeaders: true,
  allowCredentials: true,
  maxAgeSeconds: true,
}
const DEFAULT_MAX_AGE_SECONDS = 600
const LONGEST_MAX_AGE_SECONDS = 86_400

/** @throws OptionsError naming the member at fault. */
export function corsRules(cors: true | CorsOptions): CorsRules {
  const {
    origins = '*',
    allowHeaders,
    exposeHeaders,
    allowCredentials,
    maxAgeSeconds,
  } = cors === true ? {} : cors
  return {
    origins: origins === '*' ? undefined : new Set(origins),
    allowHeaders: allowHeaders?.map(lower) ?? [],
    exposeHeaders: exposeHeaders?.map(lower) ?? [],
    allowCredentials: allowCredentials ?? false,
    maxAgeSeconds: maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS,
  }
}

/** @throws OptionsError naming the member at fault. */
export function checkCors(name: string, value: unknown): void {
  if (value === true) return
  if (!isRecord(value)) throw new OptionsError(name, 'expected true, or an object with origins')
  onlyKnown(name, value, KNOWN)
  const { origins = '*', allowCredentials, maxAgeSeconds } = value
  if (origins !== '*') checkOrigins(`${name}.origins`, origins)
  for (const member of ['allowHeaders', 'exposeHeaders']) {
    if (value[member] !== undefined) checkNames(`${name}.${member}`, value[member])
  }
  optionalFlag(`${name}.allowCredentials`, allowCredentials)
  optionalInteger(`${name}.maxAgeSeconds`, maxAgeSeconds, 0, LONGEST_MAX_AGE_SECONDS)
  if (allowCredentials === true && origins === '*') {
    throw new OptionsError(`${name}.origins`, 'expected a list: browsers send cookies to no "*"')
  }
}

function checkOrigins(name: string, value: unknown): void {
  texts(name, value)
  for (const origin of value as string[]) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue
    const given = JSON.stringify(origin)
    throw new OptionsError(
      name,
      `${given}: expected an origin without path, e.g. https://a.example`,
    )
  }
}

function checkNames(name: string, value: unknown): void {
  texts(name, value)
  const wrong = (value as string[]).find((one) => !/^[!#$%&'*+.^`|~\w-]+$/.test(one) || one === '*')
  if (wrong === undefined) return
  throw new OptionsError(name, `${JSON.stringify(wrong)}: expected the name of a header`)
}

function lower(name: string): string {
  return name.toLowerCase()
}
