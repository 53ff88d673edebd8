import type { infer as Infer } from 'zod/mini'
import { conflict, invalid, notFound } from '../world/aws-error.js'
import type {
  CreatePaymentCredentialProviderInput,
  ListPaymentCredentialProvidersInput,
  NamedCredentialProviderInput,
  UpdatePaymentCredentialProviderInput,
} from './control-plane-shapes.js'
import { arnIn } from './configurations.js'
import { credentialProviderArn } from '../world/ids.js'
import { present } from '../world/lifecycle.js'
import { providerOutput } from './provider-secrets.js'
import { without } from '../world/without.js'
import type {
  Call,
  Connector,
  CredentialConfiguration,
  CredentialProvider,
  World,
} from '../world/world.js'

export function createProvider(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentCredentialProviderInput>,
) {
  if (world.providers.has(input.name)) {
    throw conflict(`A payment credential provider named ${input.name} exists already`)
  }
  const { name, credentialProviderVendor: vendor, tags } = input
  const output = providerOutput(name, call.region, vendor, input.providerConfigurationInput)
  const provider = add(world, { name, region: call.region, vendor, output, tags })
  return without(described(provider), 'createdTime', 'lastUpdatedTime', 'tags')
}

export function getProvider(
  world: World,
  _call: Call,
  { name }: Infer<typeof NamedCredentialProviderInput>,
) {
  return described(providerOf(world, name))
}

export function listProviders(
  world: World,
  _call: Call,
  input: Infer<typeof ListPaymentCredentialProvidersInput>,
) {
  const providers = [...world.providers.values()]
  const page = world.pages.cut('providers', providers, ({ serial }) => serial, input)
  const items = page.items.map((one) =>
    without(described(one), 'providerConfigurationOutput', 'tags'),
  )
  return { credentialProviders: items, nextToken: page.nextToken }
}

export function updateProvider(
  world: World,
  _call: Call,
  input: Infer<typeof UpdatePaymentCredentialProviderInput>,
) {
  const provider = providerOf(world, input.name)
  const { name, credentialProviderVendor: vendor, providerConfigurationInput } = input
  if (vendor !== provider.vendor) {
    const message = `Member must be ${provider.vendor}, as the provider was created`
    throw invalid([{ name: 'credentialProviderVendor', message }])
  }
  provider.output = providerOutput(name, provider.region, vendor, providerConfigurationInput)
  provider.updatedAtMs = world.now()
  return without(described(provider), 'tags')
}

export function deleteProvider(
  world: World,
  _call: Call,
  { name }: Infer<typeof NamedCredentialProviderInput>,
) {
  const { arn } = providerOf(world, name)
  const connectors = present(world.connectors, world.now())
  if (connectors.some(({ configurations }) => configurations.some((one) => arnIn(one) === arn))) {
    throw conflict(`Payment credential provider ${name} is used by a payment connector`)
  }
  world.providers.delete(name)
  return undefined
}

/** Adds the provider that AgentCore makes for a connector of QUICK_CREATE. */
export function addManagedProvider(world: World, connector: Connector): CredentialConfiguration {
  const { id: name, region, type: vendor } = connector
  const managed = { apiKeyId: name, apiKeySecret: 'managed', walletSecret: 'managed' }
  const privy = {
    appId: name,
    appSecret: 'managed',
    authorizationPrivateKey: 'managed',
    authorizationId: name,
  }
  const isCoinbase = vendor === 'CoinbaseCDP'
  const input = isCoinbase
    ? { coinbaseCdpConfiguration: managed }
    : { stripePrivyConfiguration: privy }
  const output = providerOutput(name, region, vendor, input)
  const { arn } = add(world, { name, region, vendor, output, tags: undefined })
  const used = { credentialProviderArn: arn }
  return isCoinbase ? { coinbaseCDP: used } : { stripePrivy: used }
}

function add(
  world: World,
  given: Pick<CredentialProvider, 'name' | 'region' | 'vendor' | 'output' | 'tags'>,
): CredentialProvider {
  const nowMs = world.now()
  const provider = {
    ...given,
    serial: world.nextSerial(),
    arn: credentialProviderArn(given.region, given.name),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  world.providers.set(given.name, provider)
  return provider
}

function providerOf(world: World, name: string): CredentialProvider {
  const provider = world.providers.get(name)
  if (provider === undefined) throw notFound(`Payment credential provider not found: ${name}`)
  return provider
}

/**
 * The provider as it is answered. AWS's model gives its times no format, so they are seconds since the epoch.
 */
function described(provider: CredentialProvider) {
  return {
    name: provider.name,
    credentialProviderArn: provider.arn,
    credentialProviderVendor: provider.vendor,
    providerConfigurationOutput: provider.output,
    createdTime: provider.createdAtMs / 1000,
    lastUpdatedTime: provider.updatedAtMs / 1000,
    tags: provider.tags,
  }
}
