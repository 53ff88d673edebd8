import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control'
import {
  OptionsError,
  PaymentClient,
  type PaymentClientOptions,
} from '../../../src/agentcore/index.js'
import type { LocalPaymentsService } from '../../../src/local/agentcore/index.js'
import { CREDENTIALS, rejection, setUp } from '../support/payment-client.js'
import { serve } from '../../local/agentcore/support/payments-service.js'

const VARIABLES = [
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_PROFILE',
  'AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
]
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))
const folders: string[] = []

afterEach(async () => {
  for (const name of VARIABLES) {
    const value = before[name]
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

/** Sets these variables, and no other that says where AWS is. */
async function environment(variables: Record<string, string>, config = ''): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'payment-client-'))
  folders.push(folder)
  const file = path.join(folder, 'config')
  await writeFile(file, config)
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name)
  const files = { AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'none') }
  Object.assign(process.env, files, variables)
}

/** The region that one call was signed for. */
async function signedRegion(
  service: LocalPaymentsService,
  options: PaymentClientOptions,
): Promise<string | undefined> {
  const client = new PaymentClient({ endpoint: service.url, credentials: CREDENTIALS, ...options })
  await client.listPaymentManagers()
  const { authorization = '' } = service.calls.at(-1)?.headers ?? {}
  return /Credential=[^/]+\/\d+\/([^/]+)\/bedrock-agentcore\//.exec(authorization)?.[1]
}

const PROFILE = '[default]\nregion = eu-north-1\n'

test.each([
  ['the option', { region: 'ap-south-1' }, { AWS_REGION: 'eu-west-1' }, PROFILE, 'ap-south-1'],
  [
    'AWS_REGION',
    {},
    { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' },
    PROFILE,
    'eu-west-1',
  ],
  ['AWS_DEFAULT_REGION', {}, { AWS_DEFAULT_REGION: 'eu-west-2' }, PROFILE, 'eu-west-2'],
  [
    'AWS_DEFAULT_REGION, AWS_REGION being empty',
    {},
    { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' },
    PROFILE,
    'eu-west-2',
  ],
  ['the profile', {}, {}, PROFILE, 'eu-north-1'],
  ['us-west-2, where nothing says another', {}, {}, '', 'us-west-2'],
])('the region is that of %s', async (_, options, variables, config, region) => {
  await environment(variables, config)
  const { service } = await serve()
  expect(await signedRegion(service, options)).toBe(region)
})

test('a variable that holds no region is told, with its name, and can be put right', async () => {
  await environment({ AWS_REGION: 'evil.example/' })
  const { service } = await serve()
  const client = new PaymentClient({ endpoint: service.url, credentials: CREDENTIALS })
  expect(await rejection(client.listPaymentManagers())).toMatchObject({ option: 'AWS_REGION' })
  await environment({ AWS_REGION: 'eu-west-1' })
  expect(await client.listPaymentManagers()).toEqual({ paymentManagers: [] })
})

test('endpoint and credentials of the environment are those of the SDK', async () => {
  const { service } = await serve()
  await environment({
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: service.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'any',
  })
  expect(await new PaymentClient().listPaymentManagers()).toEqual({ paymentManagers: [] })
})

test('calls name this package, and the integration they come from', async () => {
  const { client, service } = await setUp(0, { integrationSource: 'my-agent' })
  await client.listPaymentManagers()
  const agent = service.calls[0]?.headers['user-agent']
  expect(agent).toMatch(/\bagentcore-x402\/\d+\.\d+\.\d+/)
  expect(agent).toMatch(/ \(integration_source=my-agent\)$/)
})

test('without an integration, none is named', async () => {
  const { client, service } = await setUp()
  await client.listPaymentManagers()
  expect(service.calls[0]?.headers['user-agent']).not.toContain('integration_source')
})

test("a client of the caller's is used as it is", async () => {
  const { service } = await serve()
  const client = new BedrockAgentCoreControlClient({
    endpoint: service.url,
    region: 'sa-east-1',
    credentials: CREDENTIALS,
  })
  await new PaymentClient({ client }).listPaymentManagers()
  expect(service.calls[0]?.headers.authorization).toContain('/sa-east-1/')
  expect(service.calls[0]?.headers['user-agent']).not.toContain('agentcore-x402')
  client.destroy()
})

test('the retries asked for are made, and no more', async () => {
  const { client, service, called } = await setUp(0, { maxAttempts: 2 })
  service.faults.set({ kind: 'error', name: 'InternalServerException', status: 500, times: 9 })
  expect(await rejection(client.listPaymentManagers())).toMatchObject({
    code: 'aws.InternalServerException',
    cause: { attempts: 2 },
  })
  expect(called()).toHaveLength(2)
})

test('a client is made without I/O, and opened once for calls made at once', async () => {
  const { client, called } = await setUp()
  expect(called()).toEqual([])
  await Promise.all([client.listPaymentManagers(), client.listPaymentManagers()])
  expect(called()).toHaveLength(2)
})

test.each([
  [{ regoin: 'us-west-2' }, 'regoin'],
  [{ region: 'us west' }, 'region'],
  [{ endpoint: 'ftp://a' }, 'endpoint'],
  [{ credentials: 'a' }, 'credentials'],
  [{ maxAttempts: 0 }, 'maxAttempts'],
  [{ client: {} }, 'client'],
  [{ client: { send: () => undefined }, region: 'us-west-2' }, 'region'],
  [{ client: { send: () => undefined }, integrationSource: 'a' }, 'integrationSource'],
  [{ integrationSource: 'a\nb' }, 'integrationSource'],
  [{ integrationSource: '' }, 'integrationSource'],
  [{ bearerToken: 'a' }, 'bearerToken'],
  [{ now: 5 }, 'now'],
  [{ sleep: 5 }, 'sleep'],
  [null, 'options'],
])('the options %j are refused when the client is made, naming %s', (options, option) => {
  const make = () => new PaymentClient(options as unknown as PaymentClientOptions)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option }))
})
