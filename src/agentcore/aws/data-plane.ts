import type {
  BedrockAgentCoreClient,
  BedrockAgentCoreClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
  $Command,
} from '@aws-sdk/client-bedrock-agentcore'
import { unlessAborted } from '../../time/unless-aborted.js'
import { failureOf, type FailedCall } from './aws-error.js'
import type { Connection } from './connection.js'
import { loadDataSdk, type DataSdk } from './load-sdk.js'
import { NOTING, noting, type Outcome } from './outcome.js'
import { keptOpen, withoutMetadata, type AwsAnswer, type CallOptions } from './sdk-call.js'

type Command<In extends ServiceInputTypes, Out extends ServiceOutputTypes> = $Command<
  In,
  Out,
  BedrockAgentCoreClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

export interface DataCall extends CallOptions {
  /** Notes whether AWS may have carried out a call that failed. */
  outcome?: Outcome | undefined
}

/** Calls the data plane of AgentCore payments, one operation at a time. */
export interface DataPlane {
  /** @throws PaymentError, or the reason of the signal that ended the call */
  call<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    operation: string,
    command: (sdk: DataSdk) => Command<In, Out>,
    options?: DataCall,
    specific?: FailedCall['specific'],
  ): Promise<AwsAnswer<Out>>
}

/** Loads the SDK and makes a client with the first call, and again with the next call if that failed. */
export function createDataPlane(
  { client, config }: Connection<BedrockAgentCoreClient>,
  agentName: string | undefined,
): DataPlane {
  const open = keptOpen(async () => {
    const sdk = await loadDataSdk()
    return { sdk, client: client ?? new sdk.BedrockAgentCoreClient(config) }
  })

  return {
    async call(operation, makeCommand, { abortSignal, outcome } = {}, specific) {
      const send = async () => {
        const { sdk, client } = await open()
        const command = makeCommand(sdk)
        if (agentName !== undefined) nameAgent(command, agentName)
        if (outcome !== undefined) {
          command.middlewareStack.add((next) => noting(next, outcome), NOTING)
        }
        return client.send(command, abortSignal && { abortSignal })
      }
      try {
        // Loading the SDK and finding credentials cannot be aborted.
        return withoutMetadata(await unlessAborted(abortSignal, send))
      } catch (error) {
        const signal = abortSignal
        throw failureOf(error, { operation, signal, ...(specific && { specific }) })
      }
    },
  }
}

/**
 * Adds a header that most operations have. The SDK does not know that deletions have it too. It must be there
 * to be signed.
 */
function nameAgent<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
  command: Command<In, Out>,
  agentName: string,
): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-amzn-bedrock-agentcore-payments-agent-name'] = agentName
      return next(args)
    },
    { step: 'build', name: 'nameAgent' },
  )
}
