import type {
  BedrockAgentCoreControlClient,
  BedrockAgentCoreControlClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
  $Command,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { failureOf, unreadable } from './aws-error.js'
import type { Clock } from './clock.js'
import { limited, unlessAborted } from './limited.js'
import type { ControlSdk } from './load-sdk.js'
import { NOTING, noting, type Outcome } from './outcome.js'

/** Of one call. */
export interface CallOptions {
  /** Ends the call with its reason. AWS may still carry out a request that was under way. */
  abortSignal?: AbortSignal | undefined
}

/** What an operation answers. AWS types members that are always there as perhaps undefined. */
export type Answer<T> = { [K in keyof Omit<T, '$metadata'>]: Exclude<T[K], undefined> }

export interface ControlCall extends CallOptions {
  /** True where the request holds credentials: nothing the service says of it is repeated. */
  isSecret?: boolean
  /** Where to note whether AWS may have carried out a call that failed. */
  outcome?: Outcome | undefined
  /** Without it a call lasts as long as the connection does. Unit: ms. */
  timeoutMs?: number | undefined
}

type ControlCommand<In extends ServiceInputTypes, Out extends ServiceOutputTypes> = $Command<
  In,
  Out,
  BedrockAgentCoreControlClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

/** The SDK and a client made with it. */
export interface OpenedClient {
  sdk: ControlSdk
  client: BedrockAgentCoreControlClient
}

/** The control plane of AgentCore, one operation at a time, its failures turned into errors of ours. */
export interface ControlPlane {
  readonly clock: Clock
  /** @throws PaymentError with code `sdk_missing` */
  open(): Promise<OpenedClient>
  /** @throws PaymentError, or the reason of the signal that ended the call */
  call<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    operation: string,
    command: (sdk: ControlSdk) => ControlCommand<In, Out>,
    call?: ControlCall,
  ): Promise<Answer<Out>>
}

/** Opens the client with the first call, and again if that failed. */
export function createControlPlane(
  openClient: () => Promise<OpenedClient>,
  clock: Clock,
): ControlPlane {
  let opened: Promise<OpenedClient> | undefined

  function open(): Promise<OpenedClient> {
    opened ??= openClient().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }

  async function call<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    operation: string,
    command: (sdk: ControlSdk) => ControlCommand<In, Out>,
    { abortSignal, isSecret = false, outcome, timeoutMs }: ControlCall = {},
  ): Promise<Answer<Out>> {
    const { signal, done } = limited(operation, timeoutMs, abortSignal)
    const send = async () => {
      const { sdk, client } = await open()
      const one = command(sdk)
      if (outcome !== undefined) {
        one.middlewareStack.add((next) => noting(next, outcome), NOTING)
      }
      return client.send(one, { abortSignal: signal })
    }
    try {
      return withoutMetadata(await unlessAborted(signal, send))
    } catch (error) {
      throw failureOf(error, { operation, signal, isSecret })
    } finally {
      done()
    }
  }
  return { clock, open, call }
}

function withoutMetadata<T extends { $metadata?: unknown }>(output: T): Answer<T> {
  const answer: Partial<T> = { ...output }
  delete answer.$metadata
  return answer as Answer<T>
}

/** @throws PaymentError if an answer lacks a text without which nothing can be done next */
export function requireIn(operation: string, answer: object, ...members: string[]): void {
  for (const member of members) {
    const value = (answer as Record<string, unknown>)[member]
    if (typeof value !== 'string' || value === '') throw unreadable(operation)
  }
}
