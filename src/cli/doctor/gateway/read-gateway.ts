import type {
  BedrockAgentCoreControlClient,
  GetGatewayResponse,
  GetGatewayTargetResponse,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { checkConnection } from '../../../agentcore/aws/connection.js'
import { openControlClient } from '../../../agentcore/aws/control-client.js'
import { createControlPlane, type ControlPlane } from '../../../agentcore/aws/control-plane.js'
import { realClock } from '../../../time/clock.js'

/** A Gateway as AWS's API reports it. */
export interface ReadGateway {
  readonly gateway: Gateway
  readonly targets: readonly Target[]
}

export type Gateway = Omit<GetGatewayResponse, '$metadata'>
export type Target = Omit<GetGatewayTargetResponse, '$metadata'>

/** How long one request may take. Unit: ms. */
const TIMEOUT_MS = 15_000
/** A Gateway may have more targets. Then the first ones are looked at. */
const MAX_TARGETS = 100

/** Reads a Gateway and its targets. @throws PaymentError if AWS's API refuses, or gives no answer. */
export async function readGateway(id: string, region: string | undefined): Promise<ReadGateway> {
  const connection = checkConnection<BedrockAgentCoreControlClient>({
    region,
    requestTimeoutMs: TIMEOUT_MS,
  })
  const plane = createControlPlane(() => openControlClient(connection, undefined), realClock)
  const gateway = await plane.call(
    'GetGateway',
    (sdk) => new sdk.GetGatewayCommand({ gatewayIdentifier: id }),
    { timeoutMs: TIMEOUT_MS },
  )
  const ids = await targetIds(plane, id)
  const targets = await Promise.all(
    ids.map((targetId) =>
      plane.call(
        'GetGatewayTarget',
        (sdk) => new sdk.GetGatewayTargetCommand({ gatewayIdentifier: id, targetId }),
        { timeoutMs: TIMEOUT_MS },
      ),
    ),
  )
  return { gateway, targets }
}

async function targetIds(plane: ControlPlane, gatewayIdentifier: string): Promise<string[]> {
  const ids: string[] = []
  let nextToken: string | undefined
  do {
    const page = await plane.call(
      'ListGatewayTargets',
      (sdk) =>
        new sdk.ListGatewayTargetsCommand({ gatewayIdentifier, ...(nextToken && { nextToken }) }),
      { timeoutMs: TIMEOUT_MS },
    )
    ids.push(...page.items.flatMap(({ targetId }) => targetId ?? []))
    nextToken = page.nextToken === nextToken ? undefined : page.nextToken
  } while (nextToken !== undefined && ids.length < MAX_TARGETS)
  return ids.slice(0, MAX_TARGETS)
}
