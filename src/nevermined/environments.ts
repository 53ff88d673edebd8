import { OptionsError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'

export const ENVIRONMENT_NAMES = [
  'sandbox',
  'live',
  'staging_sandbox',
  'staging_live',
  'custom',
] as const

/** The environments of Nevermined. `custom` is any other backend, such as the local stack. */
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number]

export function isEnvironmentName(name: string): name is EnvironmentName {
  return (ENVIRONMENT_NAMES as readonly string[]).includes(name)
}

/** The addresses of Nevermined's own environments. */
export const BACKENDS: Readonly<Record<Exclude<EnvironmentName, 'custom'>, string>> = {
  sandbox: 'https://api.sandbox.nevermined.app',
  live: 'https://api.live.nevermined.app',
  staging_sandbox: 'https://api.sandbox.nevermined.dev',
  staging_live: 'https://api.live.nevermined.dev',
}

/** The text before the first `:` of an API key, for each environment. */
const PREFIX_OF: Readonly<Record<Exclude<EnvironmentName, 'custom'>, string>> = {
  sandbox: 'sandbox',
  live: 'live',
  staging_sandbox: 'sandbox-staging',
  staging_live: 'live-staging',
}
/** The environment of each prefix of a key. */
export const KEY_PREFIXES = Object.fromEntries(
  Object.entries(PREFIX_OF).map(([environment, prefix]) => [prefix, environment]),
) as Readonly<Record<string, EnvironmentName>>

/** The official clients' default for `custom`. */
const LOCAL_BACKEND = 'http://localhost:3001'

/** What the developer says about the address of the API. */
export interface AskedConnection {
  nvmApiKey: string
  /** The option `environment`. If it is left out, `NVM_ENVIRONMENT` counts. */
  environment: EnvironmentName | undefined
  /** The option `backendUrl`. If it is left out, `NVM_BACKEND_URL` counts for `custom`. */
  backendUrl: string | undefined
}

/** Where a client connects to. */
export interface Connection {
  environmentName: EnvironmentName
  backend: URL
}

/**
 * Finds the environment and the address of a key. The prefix of the key, the environment and the address must agree,
 * because a key works in one environment only. A `local:` key works on a local stack only, so it goes there whatever
 * default the program has.
 *
 * @throws OptionsError if two of them contradict each other, or if the address is no http(s) URL.
 */
export function connectionOf({ nvmApiKey, environment, backendUrl }: AskedConnection): Connection {
  const prefix = prefixOf(nvmApiKey)
  const asked = askedEnvironment(environment)
  if (prefix === LOCAL_PREFIX) return localConnection(backendUrl)
  const ofKey = Object.hasOwn(KEY_PREFIXES, prefix) ? KEY_PREFIXES[prefix] : undefined
  if (ofKey !== undefined && asked !== undefined && asked.name !== ofKey) {
    throw new OptionsError(asked.option, contradiction(prefix, ofKey, asked.name))
  }
  const known = ofKey ?? asked?.name
  const { url, option } = addressOf(known ?? 'custom', backendUrl)
  const ofUrl = environmentAt(url)
  const environmentName = known ?? ofUrl ?? 'custom'
  if (ofUrl !== undefined && ofUrl !== environmentName) {
    const which = ofKey === undefined ? 'environment' : 'the prefix of nvmApiKey'
    throw new OptionsError(option, wrongAddress(ofUrl, which, environmentName))
  }
  return { environmentName, backend: url }
}

/** The prefix of the local stack's keys. */
const LOCAL_PREFIX = 'local'

/** The text before the first `:` of a key, in lower case; empty if there is none. */
export function prefixOf(nvmApiKey: string): string {
  return nvmApiKey.includes(':') ? (nvmApiKey.split(':', 1)[0] ?? '').toLowerCase() : ''
}

/** A variable with an unknown value is ignored: it may belong to another program. */
function askedEnvironment(
  environment: EnvironmentName | undefined,
): { name: EnvironmentName; option: string } | undefined {
  if (environment !== undefined) return { name: environment, option: 'environment' }
  const name = process.env['NVM_ENVIRONMENT']
  if (name === undefined || !isEnvironmentName(name)) return undefined
  return { name, option: 'NVM_ENVIRONMENT' }
}

function localConnection(backendUrl: string | undefined): Connection {
  const { url, option } = addressOf('custom', backendUrl)
  const ofUrl = environmentAt(url)
  if (ofUrl !== undefined) {
    const why = `names Nevermined's environment '${ofUrl}', where a local: key of nvmApiKey is unknown.`
    throw new OptionsError(
      option,
      `${why} Use a key of '${ofUrl}', or the address of the local stack.`,
    )
  }
  return { environmentName: 'custom', backend: url }
}

/**
 * An explicit URL wins. `NVM_BACKEND_URL` counts for `custom` only, so that a variable left over from a local
 * run never sends a live key elsewhere.
 */
function addressOf(
  environment: EnvironmentName,
  backendUrl: string | undefined,
): { url: URL; option: string } {
  if (backendUrl !== undefined)
    return { url: toUrl('backendUrl', backendUrl), option: 'backendUrl' }
  if (environment !== 'custom')
    return { url: new URL(BACKENDS[environment]), option: 'environment' }
  const url = process.env['NVM_BACKEND_URL'] || LOCAL_BACKEND
  return { url: toUrl('NVM_BACKEND_URL', url), option: 'NVM_BACKEND_URL' }
}

function toUrl(option: string, text: string): URL {
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') return parsed
  throw new OptionsError(option, 'expected an http(s) URL')
}

/** Which of Nevermined's own environments is at a URL. */
export function environmentAt({ hostname }: URL): EnvironmentName | undefined {
  const hosted = Object.entries(BACKENDS) as [EnvironmentName, string][]
  return hosted.find(([, url]) => new URL(url).hostname === hostname)?.[0]
}

function contradiction(prefix: string, ofKey: EnvironmentName, asked: EnvironmentName): string {
  const facts = `is '${asked}', but the prefix '${prefix}:' of nvmApiKey belongs to '${ofKey}'.`
  const other =
    asked === 'custom'
      ? 'another key, of that backend'
      : `a key of '${asked}', which begins with '${PREFIX_OF[asked]}:'`
  return `${facts} Keep the key and leave this out or set it to '${ofKey}', or change to ${other}.`
}

function wrongAddress(ofUrl: string, which: string, name: EnvironmentName): string {
  const facts = `is the address of Nevermined's environment '${ofUrl}', but ${which} says '${name}'.`
  return `${facts} Leave it out, or use a key of '${ofUrl}'.`
}

/** The chain of an environment: Base for live environments, else Base Sepolia. */
export function chainOf(environment: string): string {
  return environment === 'live' || environment === 'staging_live' ? 'eip155:8453' : 'eip155:84532'
}

/** @returns `sub` of the JWT inside an API key (`<prefix>:<jwt>`): the account's address. */
export function accountOf(nvmApiKey: string): string | undefined {
  const jwt = nvmApiKey.slice(nvmApiKey.indexOf(':') + 1)
  const [, payload = '', signature] = jwt.split('.')
  if (!signature) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const sub = isRecord(claims) ? claims['sub'] : undefined
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  } catch {
    return undefined
  }
}
