import type {
  BedrockAgentCoreControlClient,
  BedrockAgentCoreControlClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
  $Command,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { unlessAborted } from '../../time/unless-aborted.js'
import { failureOf, unreadable } from './aws-error.js'
import type { Clock } from '../../time/clock.js'
import { limited } from '../../time/limited.js'
import type { ControlSdk } from './load-sdk.js'
import { NOTING, noting, type Outcome } from './outcome.js'
import { keptOpen, withoutMetadata, type AwsAnswer, type CallOptions } from './sdk-call.js'

export interface ControlCall extends CallOptions {
  /** Whether the request holds credentials. Then only names are repeated of what the service says. */
  isSecret?: boolean
  /** The caller's name for a member of the input. Default: AWS's name. */
  nameOf?: ((field: string) => string) | undefined
  /** Texts of the answer that the next step needs. */
  required?: readonly string[]
  /** Notes whether AWS may have carried out a call that failed. */
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

/** The SDK, and a client made with it. */
export interface OpenedClient {
  sdk: ControlSdk
  client: BedrockAgentCoreControlClient
}

/** Calls the control plane of AgentCore, one operation at a time. Its failures are turned into our errors. */
export interface ControlPlane {
  readonly clock: Clock
  /** @throws PaymentError with code `sdk_missing` */
  open(): Promise<OpenedClient>
  /** @throws PaymentError, or the reason of the signal that ended the call */
  call<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    operation: string,
    command: (sdk: ControlSdk) => ControlCommand<In, Out>,
    call?: ControlCall,
  ): Promise<AwsAnswer<Out>>
}

/** Opens the client with the first call, and again with the next call if that failed. */
export function createControlPlane(
  openClient: () => Promise<OpenedClient>,
  clock: Clock,
): ControlPlane {
  const open = keptOpen(openClient)

  async function call<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    operation: string,
    command: (sdk: ControlSdk) => ControlCommand<In, Out>,
    { abortSignal, isSecret = false, nameOf, ...more }: ControlCall = {},
  ): Promise<AwsAnswer<Out>> {
    const { required = [], outcome, timeoutMs } = more
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
      const answer = withoutMetadata(await unlessAborted(signal, send))
      requireIn(operation, answer, required)
      return answer
    } catch (error) {
      throw failureOf(error, { operation, signal, isSecret, nameOf })
    } finally {
      done()
    }
  }
  return { clock, open, call }
}

function requireIn(operation: string, answer: object, members: readonly string[]): void {
  for (const member of members) {
    const value = (answer as Record<string, unknown>)[member]
    if (typeof value !== 'string' || value === '') throw unreadable(operation)
  }
}
