import type { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control'
import { onlyKnown, optionalFunction, optionalHeaderText } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { realClock, type Clock } from '../../time/clock.js'
import {
  PLAIN_CONNECTION_OPTIONS,
  checkConnection,
  type Connection,
  type ConnectionOptions,
} from '../aws/connection.js'

/**
 * Options of `PaymentClient`. The control plane takes AWS credentials alone, and no bearer token.
 */
export interface PaymentClientOptions
  extends Omit<ConnectionOptions<BedrockAgentCoreControlClient>, 'bearerToken' | 'tokenProvider'> {
  /**
   * Goes into the user agent as `(integration_source=…)`. At most 100 characters. Not together with `client`.
   *
   * @default none
   */
  integrationSource?: string | undefined
  /**
   * The clock of the waiting, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
  /**
   * Lets the time between two looks pass, to replace in tests. Unit: ms.
   *
   * @default the timer of Node
   */
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined
}

const OPTIONS: Record<keyof PaymentClientOptions, true> = {
  ...PLAIN_CONNECTION_OPTIONS,
  integrationSource: true,
  now: true,
  sleep: true,
}

/** {@link PaymentClientOptions}, checked. */
export interface CheckedClient {
  connection: Connection<BedrockAgentCoreControlClient>
  integrationSource: string | undefined
  clock: Clock
}

const MAX_SOURCE_CHARS = 100

/** @throws OptionsError naming the option that is missing, unknown or not of its kind. */
export function checkClientOptions(options: PaymentClientOptions): CheckedClient {
  const given: unknown = options
  onlyKnown('options', given, OPTIONS)
  const { now, sleep } = options
  optionalFunction('now', now)
  optionalFunction('sleep', sleep)
  const integrationSource = optionalHeaderText(
    'integrationSource',
    options.integrationSource,
    MAX_SOURCE_CHARS,
  )
  if (integrationSource !== undefined && options.client !== undefined) {
    throw new OptionsError('integrationSource', 'not together with client: the client has its own')
  }
  return {
    connection: checkConnection(options),
    integrationSource,
    clock: {
      now: now ?? realClock.now,
      sleep: sleep ?? realClock.sleep,
    },
  }
}
