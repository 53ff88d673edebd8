import { afterEach, expect, test } from '@jest/globals'
import { OptionsError, Payments, type EnvironmentName } from '../../src/index.js'
import { environment } from '../../src/local/environment.js'
import { countOf } from '../support/outcome.js'
import { stack } from '../support/seller.js'
import { failureOf } from '../client/support/client.js'

const VARIABLES = ['NVM_BACKEND_URL', 'NVM_ENVIRONMENT'] as const
const before = VARIABLES.map((name) => [name, process.env[name]] as const)
afterEach(() => {
  for (const [name, value] of before) set(name, value)
})

function set(name: (typeof VARIABLES)[number], value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
}

/** A JWT as in every key; only its `sub` is read. */
const JWT = ['{"alg":"HS512"}', '{"sub":"0x1234","o11y":"key"}', 'signature']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

const HOSTED: Readonly<Record<string, EnvironmentName>> = {
  sandbox: 'sandbox',
  live: 'live',
  'sandbox-staging': 'staging_sandbox',
  'live-staging': 'staging_live',
}
const URLS: Readonly<Record<string, string>> = {
  sandbox: 'https://api.sandbox.nevermined.app',
  live: 'https://api.live.nevermined.app',
  staging_sandbox: 'https://api.sandbox.nevermined.dev',
  staging_live: 'https://api.live.nevermined.dev',
}
const NAMES = [...Object.values(HOSTED), 'custom'] as EnvironmentName[]
const OWN = 'https://nevermined.example'

interface Said {
  prefix: string
  environment?: EnvironmentName
  variable?: string
  backendUrl?: string
  backendVariable?: string
}

/** The environment of the client that is made, or the option at fault. */
function made(said: Said): string {
  set('NVM_ENVIRONMENT', said.variable)
  set('NVM_BACKEND_URL', said.backendVariable)
  const { prefix, environment, backendUrl } = said
  try {
    const nvmApiKey = `${prefix}:${JWT}`
    return Payments.getInstance({ nvmApiKey, environment, backendUrl }).environmentName
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    expect(error.message).not.toContain(JWT)
    return `wrong: ${error.option}`
  }
}

const PAIRS = Object.keys(HOSTED).flatMap((prefix) => NAMES.map((name) => [prefix, name] as const))
const BACKENDS = [{}, { backendVariable: OWN }, { backendUrl: OWN }]

test.each(PAIRS)('a %s: key with the environment %s: agreement, or an error', (prefix, name) => {
  const ofKey = HOSTED[prefix]
  for (const backend of BACKENDS) {
    const said = made({ prefix, environment: name, ...backend })
    expect(said).toBe(name === ofKey ? ofKey : 'wrong: environment')
    const byVariable = made({ prefix, variable: name, ...backend })
    expect(byVariable).toBe(name === ofKey ? ofKey : 'wrong: NVM_ENVIRONMENT')
  }
})

test('the error says which of the two to change, and to what', () => {
  const make = () => Payments.getInstance({ nvmApiKey: `live:${JWT}`, environment: 'sandbox' })
  expect(make).toThrow(
    "environment: is 'sandbox', but the prefix 'live:' of nvmApiKey belongs to 'live'. " +
      "Keep the key and leave this out or set it to 'live', " +
      "or change to a key of 'sandbox', which begins with 'sandbox:'.",
  )
})

test('the option counts before the variable', () => {
  expect(made({ prefix: 'live', environment: 'live', variable: 'sandbox' })).toBe('live')
})

test.each(['production', 'testing', ''])('NVM_ENVIRONMENT=%s is not ours to judge', (variable) => {
  expect(made({ prefix: 'live', variable })).toBe('live')
})

test.each(NAMES)('a local: key stays local where the program says %s', (name) => {
  for (const backend of BACKENDS) {
    expect(made({ prefix: 'local', environment: name, ...backend })).toBe('custom')
    expect(made({ prefix: 'LOCAL', variable: name, ...backend })).toBe('custom')
  }
})

test.each(NAMES)('a key whose prefix names no environment belongs where it is said: %s', (name) => {
  expect(made({ prefix: 'nvm', environment: name })).toBe(name)
  expect(made({ prefix: 'nvm', variable: name })).toBe(name)
})

test.each(Object.keys(URLS))('the address of %s is for its own keys only', (name) => {
  const backendUrl = `${URLS[name]}/`
  for (const [prefix, ofKey] of Object.entries(HOSTED)) {
    expect(made({ prefix, backendUrl })).toBe(name === ofKey ? ofKey : 'wrong: backendUrl')
    // A variable that is left over from another run never redirects the key of a hosted environment.
    expect(made({ prefix, backendVariable: backendUrl })).toBe(ofKey)
  }
  expect(made({ prefix: 'local', backendUrl })).toBe('wrong: backendUrl')
  expect(made({ prefix: 'local', backendVariable: backendUrl })).toBe('wrong: NVM_BACKEND_URL')
  expect(made({ prefix: 'nvm', backendUrl })).toBe(name)
  expect(made({ prefix: 'nvm', environment: 'custom', backendUrl })).toBe('wrong: backendUrl')
})

test.each(['"sandbox:', "'live:", ' live:', '\nlive:', 'live :'])(
  'a key that begins with %j is refused, since its prefix would not be seen',
  (start) => {
    const make = () => Payments.getInstance({ nvmApiKey: start + JWT })
    expect(make).toThrow(/^nvmApiKey: contains a quote, a space or a line break/)
  },
)

test('a program that falls back to the sandbox calls the local stack with a local key', async () => {
  const local = await stack()
  set('NVM_BACKEND_URL', local.url)
  set('NVM_ENVIRONMENT', undefined)
  const payments = Payments.getInstance({
    nvmApiKey: local.nvmApiKey,
    environment: process.env['NVM_ENVIRONMENT'] ?? 'sandbox',
  })
  await payments.plans.getPlan(local.planId)
  expect(countOf(local, 'plan')).toBe(1)
})

test('what the local stack prints makes a client of the local stack', async () => {
  const local = await stack()
  const printed = environment(local)
  expect(printed['NVM_ENVIRONMENT']).toBe('custom')
  for (const name of VARIABLES) set(name, printed[name])
  const { NVM_API_KEY: nvmApiKey, NVM_ENVIRONMENT } = printed
  const payments = Payments.getInstance({ nvmApiKey, environment: NVM_ENVIRONMENT })
  expect(payments.environmentName).toBe('custom')
  expect(await failureOf(payments.plans.getPlan('7'))).toMatchObject({ code: 'BCK.PROTOCOL.0003' })
  expect(countOf(local, 'plan')).toBe(1)
})
