import type { infer as Infer } from 'zod/mini'
import { conflict, invalid } from '../world/aws-error.js'
import { connectorOf } from './connectors.js'
import type { RotatePaymentConnectorCredentialsInput } from './control-plane-shapes.js'
import { iso, type Call, type World } from '../world/world.js'

/**
 * Replaces credentials that the service manages. Here this only changes the times that are answered.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_RotatePaymentConnectorCredentials.html
 */
export function rotateCredentials(
  world: World,
  call: Call,
  { paymentManagerId, paymentConnectorId }: Infer<typeof RotatePaymentConnectorCredentialsInput>,
) {
  const connector = connectorOf(world, paymentManagerId, paymentConnectorId)
  if (connector.provisionMode !== 'QUICK_CREATE' || connector.type !== 'CoinbaseCDP') {
    const message = 'Member must be of a CoinbaseCDP connector with provisionMode QUICK_CREATE'
    throw invalid([{ name: 'paymentConnectorId', message }])
  }
  if (connector.status !== 'READY' || call.fails) {
    throw conflict(`Payment connector ${connector.id} is ${connector.status}`)
  }
  connector.updatedAtMs = world.now()
  connector.credentialsUpdatedAtMs = connector.updatedAtMs
  return {
    paymentConnectorId,
    paymentManagerId,
    lastUpdatedAt: iso(connector.updatedAtMs),
    status: connector.status,
  }
}
