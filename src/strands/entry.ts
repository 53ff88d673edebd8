import { notLoaded } from '../errors/not-loaded.js'
import { PaymentError } from '../errors/payment-error.js'

/**
 * The module that Node imports as `agentcore-x402/strands`. The plugin extends classes of Strands, so Strands
 * is looked for first. Bundlers and `require` take `index.js` itself: they cannot wait for it.
 */
await import('@strands-agents/sdk').catch((cause: unknown) => {
  throw new PaymentError('sdk_missing', notLoaded('@strands-agents/sdk', cause), { cause })
})

export const {
  AgentCorePaymentsPlugin,
  AgentCorePaymentsPluginConfig,
  AgentCorePaymentsConfig,
  ErrorResolution,
  paymentFailureOf,
  getPaymentHandler,
  genericPaymentHandler,
  PAYMENT_REQUIRED_MARKER,
  payingMcpClient,
} = await import('./index.js')
