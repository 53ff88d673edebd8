import type { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control'
import { checkRegion, type ClientConfig, type Connection } from './connection.js'
import type { OpenedClient } from './control-plane.js'
import { loadControlSdk, type ControlSdk } from './load-sdk.js'

type Client = BedrockAgentCoreControlClient

/** The region if neither the caller nor the environment names one, as in AWS's Python SDK. */
const DEFAULT_REGION = 'us-west-2'

/**
 * Loads the SDK and makes a client, unless the caller has one.
 *
 * @throws PaymentError with code `sdk_missing`
 * @throws OptionsError if the region in the environment is invalid
 */
export async function openControlClient(
  { client: given, config }: Connection<Client>,
  integrationSource: string | undefined,
): Promise<OpenedClient> {
  const sdk = await loadControlSdk()
  if (given !== undefined) return { sdk, client: given }
  const client = await clientWithRegion(sdk, { ...config, ...regionOf(config) })
  if (integrationSource !== undefined) nameSource(client, integrationSource)
  return { sdk, client }
}

/**
 * The region in the environment. The SDK reads AWS_REGION, but not AWS_DEFAULT_REGION, which AWS's command
 * line and Python read.
 */
function regionOf(config: ClientConfig): { region: string } | undefined {
  if (config.region !== undefined) return undefined
  const name = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((one) => process.env[one])
  const region = name && checkRegion(name, process.env[name])
  return region ? { region } : undefined
}

async function clientWithRegion(sdk: ControlSdk, config: ClientConfig): Promise<Client> {
  const client = new sdk.BedrockAgentCoreControlClient(config)
  try {
    await client.config.region() // This reads the profile, if there is one.
    return client
  } catch {
    return new sdk.BedrockAgentCoreControlClient({ ...config, region: DEFAULT_REGION })
  }
}

/**
 * Names the source in the user agent. AWS's Python SDK writes it in parentheses, which `customUserAgent`
 * would escape.
 */
function nameSource(client: Client, source: string): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['user-agent'] = `${headers['user-agent'] ?? ''} (integration_source=${source})`.trim()
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'nameIntegrationSource' },
  )
}
