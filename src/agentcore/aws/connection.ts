import type { BedrockAgentCoreClientConfig } from '@aws-sdk/client-bedrock-agentcore'
import { optionalInteger, optionalText } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { isLoopback } from '../../wire/loopback.js'
import { VERSION } from '../../version.js'
import { bearerAuth, checkBearer, type BearerOptions, type TokenProvider } from './bearer.js'
import { defined } from './defined.js'

/** How AWS is reached. */
export interface ConnectionOptions<Client> extends BearerOptions {
  /**
   * The region of AWS, e.g. `us-west-2`. `PaymentManager` takes no other than the region of its ARN.
   *
   * @default the region of the ARN. Without one, what the SDK finds in the environment, else us-west-2
   */
  region?: string | undefined
  /**
   * Another address of the service, http or https.
   *
   * @default AWS's own, or what the SDK finds in the environment
   */
  endpoint?: string | undefined
  /**
   * AWS credentials, as the SDK takes them. Not together with a bearer token.
   *
   * @default what the SDK finds by itself, e.g. the role of a Lambda
   */
  credentials?: BedrockAgentCoreClientConfig['credentials'] | undefined
  /**
   * How many requests one call may make, the first included. Unit: requests, 1 to 10.
   *
   * @default what the SDK does, 3
   */
  maxAttempts?: number | undefined
  /**
   * How long a connection may take to come about, at each attempt. Unit: ms, 1 to 900 000.
   *
   * @default 5000
   */
  connectionTimeoutMs?: number | undefined
  /**
   * How long AWS may take to begin its answer, at each attempt. Each pause in the answer may take as long again. Unit:
   * ms, 1 to 900 000.
   *
   * @default 60000
   */
  requestTimeoutMs?: number | undefined
  /**
   * A client of the SDK, ready made. It is not changed. It has all of the above, so give none of them beside it.
   *
   * @default none: one is made of the other options
   */
  client?: Client | undefined
}

export interface Connection<Client> {
  region: string | undefined
  /** The caller's own client. */
  client: Client | undefined
  isBearer: boolean
  /** The configuration of a client of ours. */
  config: ClientConfig
}

/** The options that both clients of the SDK take. */
export type ClientConfig = Pick<
  BedrockAgentCoreClientConfig,
  | 'region'
  | 'endpoint'
  | 'credentials'
  | 'maxAttempts'
  | 'requestHandler'
  | 'customUserAgent'
  | 'httpAuthSchemes'
  | 'httpAuthSchemeProvider'
>

/** Keys of {@link ConnectionOptions} for a plane that takes no bearer token. */
export const PLAIN_CONNECTION_OPTIONS = {
  region: true,
  endpoint: true,
  credentials: true,
  maxAttempts: true,
  connectionTimeoutMs: true,
  requestTimeoutMs: true,
  client: true,
} as const

/** Keys of {@link ConnectionOptions}, for checks of whole options. */
export const CONNECTION_OPTIONS: Record<keyof ConnectionOptions<unknown>, true> = {
  ...PLAIN_CONNECTION_OPTIONS,
  bearerToken: true,
  tokenProvider: true,
}

/** @throws OptionsError naming the option at fault. */
export function checkConnection<Client extends { send: unknown }>(
  options: ConnectionOptions<Client>,
): Connection<Client> {
  const region = checkRegion('region', options.region)
  const provider = checkBearer(options)
  const endpoint = checkEndpoint(options.endpoint, provider)
  const { credentials } = options
  if (credentials !== undefined && typeof credentials !== 'function' && !isObject(credentials)) {
    throw new OptionsError('credentials', 'expected AWS credentials, or a function that gives them')
  }
  if (credentials !== undefined && provider !== undefined) {
    throw new OptionsError('credentials', 'not together with a bearer token')
  }
  const maxAttempts = optionalInteger('maxAttempts', options.maxAttempts, 1, 10)
  const given = { region, endpoint, credentials, maxAttempts }
  const config = {
    ...defined(given),
    requestHandler: timeouts(options),
    customUserAgent: USER_AGENT,
    ...(provider && bearerAuth(provider)),
  }
  return { region, client: checkClient(options), isBearer: provider !== undefined, config }
}

const MAX_TIMEOUT_MS = 900_000

/** The SDK has no time limit of its own: a call that is never answered would never end. */
function timeouts(options: ConnectionOptions<unknown>) {
  const milliseconds = (name: 'connectionTimeoutMs' | 'requestTimeoutMs') =>
    optionalInteger(name, options[name], 1, MAX_TIMEOUT_MS)
  const requestTimeout = milliseconds('requestTimeoutMs') ?? 60_000
  return {
    connectionTimeout: milliseconds('connectionTimeoutMs') ?? 5_000,
    requestTimeout,
    throwOnRequestTimeout: true,
    socketTimeout: requestTimeout, // The other limit ends when the answer begins.
  }
}

const USER_AGENT: [string, string][] = [['agentcore-x402', VERSION]]

/**
 * Checks a region. It becomes part of a host name that credentials are sent to.
 *
 * @throws OptionsError if it does not look like a region.
 */
export function checkRegion(name: string, value: unknown): string | undefined {
  const region = optionalText(name, value)
  if (region === undefined || /^[a-z]{2,8}(-[a-z]{2,12}){1,3}-\d{1,2}$/.test(region)) return region
  const form = 'lower-case words and a number, with hyphens between them'
  throw new OptionsError(name, `expected a region of AWS, e.g. us-west-2: ${form}`)
}

function checkEndpoint(value: unknown, provider: TokenProvider | undefined): string | undefined {
  const endpoint = optionalText('endpoint', value)
  if (endpoint === undefined) return undefined
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new OptionsError(
      'endpoint',
      'expected an http or https URL without credentials and query',
    )
  }
  if (provider !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new OptionsError('endpoint', 'a bearer token needs https, or a loopback address')
  }
  return endpoint
}

const OF_A_CLIENT = [
  'region',
  'endpoint',
  'credentials',
  'maxAttempts',
  'connectionTimeoutMs',
  'requestTimeoutMs',
  'bearerToken',
  'tokenProvider',
] as const

function checkClient<Client extends { send: unknown }>(
  options: ConnectionOptions<Client>,
): Client | undefined {
  const { client } = options
  if (client === undefined) return undefined
  if (!isObject(client) || typeof client.send !== 'function') {
    throw new OptionsError('client', "expected a client of AWS's SDK")
  }
  const twice = OF_A_CLIENT.find((name) => options[name] !== undefined)
  if (twice !== undefined)
    throw new OptionsError(twice, 'not together with client: the client has its own')
  return client
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
