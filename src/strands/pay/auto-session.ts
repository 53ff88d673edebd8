import { randomUUID } from 'node:crypto'
import type { PaymentManager } from '../../agentcore/payment-manager.js'
import type { AgentCorePaymentsPluginConfig } from '../options/config.js'

/**
 * Makes the session of the config, once. Calls that need it at the same time wait for the same one. If the
 * answer was lost, the next call asks for the same session again.
 */
export function createAutoSession(
  config: AgentCorePaymentsPluginConfig,
  manager: PaymentManager,
): () => Promise<void> {
  const clientToken = randomUUID()
  let pending: Promise<void> | undefined
  const create = async () => {
    const { paymentSessionId } = await manager.createPaymentSession({
      clientToken,
      limits: { maxSpendAmount: { value: config.autoSessionBudget, currency: 'USD' } },
      expiryTimeInMinutes: config.autoSessionExpiryMinutes,
    })
    if (config.paymentSessionId === undefined) config.updatePaymentSessionId(paymentSessionId)
  }
  return async () => {
    pending ??= create().finally(() => (pending = undefined))
    await pending
  }
}
