import { OptionsError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'

export const ENVIRONMENT_NAMES = [
  'sandbox',
  'live',
  'staging_sandbox',
  'staging_live',
  'custom',
] as const

/** Nevermined's environments; `custom` is any other backend, such as the local stack. */
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number]

export function isEnvironmentName(name: string): name is EnvironmentName {
  return (ENVIRONMENT_NAMES as readonly string[]).includes(name)
}

const BACKENDS: Readonly<Record<Exclude<EnvironmentName, 'custom'>, string>> = {
  sandbox: 'https://api.sandbox.nevermined.app',
  live: 'https://api.live.nevermined.app',
  staging_sandbox: 'https://api.sandbox.nevermined.dev',
  staging_live: 'https://api.live.nevermined.dev',
}

/** Text before the first `:` of an API key. */
const KEY_PREFIXES: Readonly<Record<string, EnvironmentName>> = {
  sandbox: 'sandbox',
  live: 'live',
  'sandbox-staging': 'staging_sandbox',
  'live-staging': 'staging_live',
}

/** The official clients' default for `custom`. */
const LOCAL_BACKEND = 'http://localhost:3001'

/**
 * The environment a key belongs to: its prefix where that is known, else what was asked for, else
 * `custom`. A known prefix wins, since key and host of different environments never work together.
 */
export function environmentOf(
  nvmApiKey: string,
  asked: EnvironmentName | undefined,
): EnvironmentName {
  const prefix = nvmApiKey.split(':', 1)[0]?.toLowerCase() ?? ''
  const byPrefix = Object.hasOwn(KEY_PREFIXES, prefix) ? KEY_PREFIXES[prefix] : undefined
  return byPrefix ?? asked ?? 'custom'
}

/**
 * Where the API of an environment is. An explicit URL wins; `NVM_BACKEND_URL` counts for `custom` only,
 * so that a variable left over from a local run never sends a live key elsewhere.
 *
 * @throws OptionsError if the URL is not an http(s) one.
 */
export function backendOf(environment: EnvironmentName, backendUrl: string | undefined): URL {
  const byEnvironment =
    environment === 'custom'
      ? process.env['NVM_BACKEND_URL'] || LOCAL_BACKEND
      : BACKENDS[environment]
  const url = backendUrl ?? byEnvironment
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') {
    throw new OptionsError('backendUrl', 'expected an http(s) URL')
  }
  return parsed
}

/** The chain of an environment: Base where it is live, Base Sepolia everywhere else. */
export function chainOf(environment: string): string {
  return environment === 'live' || environment === 'staging_live' ? 'eip155:8453' : 'eip155:84532'
}

/** @returns `sub` of the JWT inside an API key (`<prefix>:<jwt>`): the account's address. */
export function accountOf(nvmApiKey: string): string | undefined {
  const payload = nvmApiKey.slice(nvmApiKey.indexOf(':') + 1).split('.')[1] ?? ''
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const sub = isRecord(claims) ? claims['sub'] : undefined
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  } catch {
    return undefined
  }
}
