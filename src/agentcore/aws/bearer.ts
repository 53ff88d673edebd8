import type { BedrockAgentCoreClientConfig } from '@aws-sdk/client-bedrock-agentcore'
import { optionalFunction } from '../../checks.js'
import { OptionsError, PaymentError } from '../../errors/payment-error.js'
import { isLoopback } from '../../wire/loopback.js'
import { factsOf } from '../../errors/error-facts.js'

/** Gives a token for one request. It is called before each request, also before one that is repeated. */
export type TokenProvider = (options: {
  /** Aborted when the caller of the method gives up. */
  abortSignal?: AbortSignal
}) => string | Promise<string>

/**
 * Tokens instead of AWS credentials: an OAuth access token of the identity provider of the manager.
 */
export interface BearerOptions {
  /**
   * A token that is good for as long as this object lives. It is never logged.
   *
   * @default none: AWS credentials are used
   */
  bearerToken?: string | undefined
  /**
   * Gives a token that expires. It is asked before each request. Not together with `bearerToken`.
   *
   * @default none: AWS credentials are used
   */
  tokenProvider?: TokenProvider | undefined
}

const EXPECTED = 'expected visible ASCII characters, without spaces or line breaks'

/** @throws OptionsError if both are given, or the token could not be a header. */
export function checkBearer(options: BearerOptions): TokenProvider | undefined {
  const { bearerToken, tokenProvider } = options
  if (bearerToken !== undefined && tokenProvider !== undefined) {
    throw new OptionsError('bearerToken', 'not together with tokenProvider')
  }
  optionalFunction('tokenProvider', tokenProvider)
  if (bearerToken === undefined) return tokenProvider
  if (!isToken(bearerToken)) throw new OptionsError('bearerToken', EXPECTED)
  return () => bearerToken
}

type AuthConfig = Required<
  Pick<BedrockAgentCoreClientConfig, 'httpAuthSchemes' | 'httpAuthSchemeProvider'>
>

const SCHEME = 'smithy.api#httpBearerAuth'

/**
 * Sends a bearer token instead of a signature. AWS's clients declare SigV4 alone. With a scheme of our own
 * they neither sign nor look for credentials. A token is asked for at the place where requests are signed,
 * once for each attempt.
 */
export function bearerAuth(provider: TokenProvider): AuthConfig {
  const sign: Signer['sign'] = async (request, _identity, { abortSignal }) => {
    const { protocol, hostname, headers } = request as SignedRequest
    refuseClearText(protocol, hostname)
    const token = await tokenOf(provider, abortSignal as AbortSignal | undefined)
    headers['authorization'] = `Bearer ${token}`
    return request
  }
  const scheme = {
    schemeId: SCHEME,
    identityProvider: () => () => Promise.resolve({}),
    signer: { sign },
  }
  const propertiesExtractor = (_config: unknown, context: { [SMITHY]?: unknown }) => {
    const { abortSignal } = (context[SMITHY] ?? {}) as { abortSignal?: AbortSignal }
    return { signingProperties: { abortSignal } }
  }
  return {
    httpAuthSchemes: [scheme],
    httpAuthSchemeProvider: () => [{ schemeId: SCHEME, propertiesExtractor }],
  }
}

/** The key under which the SDK keeps the signal of a call. */
const SMITHY = '__smithy_context'

type Signer = NonNullable<BedrockAgentCoreClientConfig['httpAuthSchemes']>[number]['signer']

interface SignedRequest {
  protocol: string
  hostname: string
  headers: Record<string, string>
}

/**
 * Stops a request before it is sent. The SDK repeats requests that fail for lack of a connection, and a
 * provider's error can look like that. The SDK cannot look into this error.
 */
export class NotSent extends Error {
  readonly failure: PaymentError

  constructor(failure: PaymentError) {
    super('not sent')
    this.failure = failure
  }
}

async function tokenOf(
  provider: TokenProvider,
  abortSignal: AbortSignal | undefined,
): Promise<string> {
  let token: unknown
  try {
    token = await provider(abortSignal === undefined ? {} : { abortSignal })
  } catch (error) {
    const options = { cause: factsOf(error, false) }
    throw new NotSent(
      new PaymentError('token_unavailable', 'tokenProvider threw; nothing was sent', options),
    )
  }
  if (isToken(token)) return token
  const message = `tokenProvider returned no usable token: ${EXPECTED}; nothing was sent`
  throw new NotSent(new PaymentError('token_unavailable', message))
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/** @throws NotSent if the endpoint is not safe for a token, also if an environment variable set it. */
function refuseClearText(protocol: string, hostname: string): void {
  if (protocol === 'https:' || isLoopback(hostname)) return
  const message = 'a bearer token is only sent over https, or to a loopback address'
  throw new NotSent(new OptionsError('endpoint', message))
}
