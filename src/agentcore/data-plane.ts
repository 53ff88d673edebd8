import type {
  BedrockAgentCoreClient,
  BedrockAgentCoreClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
  $Command,
} from '@aws-sdk/client-bedrock-agentcore'
import { failureOf, type FailedCall } from './aws-error.js'
import type { Connection } from './connection.js'
import type { Answer, CallOptions } from './control-plane.js'
import { loadDataSdk, type DataSdk } from './load-sdk.js'
import { NOTING, noting, type Outcome } from './outcome.js'

type Command<In extends ServiceInputTypes, Out extends ServiceOutputTypes> = $Command<
  In,
  Out,
  BedrockAgentCoreClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>

export interface DataCall extends CallOptions {
  /** Where to note whether AWS may have carried out a call that failed. */
  outcome?: Outcome | undefined
}

/** The data plane of AgentCore payments, one operation at a time. */
export interface DataPlane {
  /** @throws PaymentError, or the reason of the signal that ended the call */
  call<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    operation: string,
    command: (sdk: DataSdk) => Command<In, Out>,
    options?: DataCall,
    specific?: FailedCall['specific'],
  ): Promise<Answer<Out>>
}

interface Opened {
  sdk: DataSdk
  client: BedrockAgentCoreClient
}

/** Loads the SDK and makes a client with the first call, and again if that failed. */
export function createDataPlane(
  { client, config }: Connection<BedrockAgentCoreClient>,
  agentName: string | undefined,
): DataPlane {
  let opened: Promise<Opened> | undefined

  async function openClient(): Promise<Opened> {
    const sdk = await loadDataSdk()
    return { sdk, client: client ?? new sdk.BedrockAgentCoreClient(config) }
  }

  function open(): Promise<Opened> {
    opened ??= openClient().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }

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
        return withoutMetadata(await unlessAborted(abortSignal, send))
      } catch (error) {
        const signal = abortSignal
        throw failureOf(error, { operation, signal, ...(specific && { specific }) })
      }
    },
  }
}

/** A header of most operations, which the SDK does not know of deletions; it must be there to be signed. */
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

/** Loading the SDK and finding credentials take no signal; the caller does not wait for them. */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  task: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return task()
  signal.throwIfAborted()
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([task(), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function withoutMetadata<T extends { $metadata?: unknown }>(output: T): Answer<T> {
  const answer: Partial<T> = { ...output }
  delete answer.$metadata
  return answer as Answer<T>
}
