export { AgentCorePaymentsPlugin } from './plugin.js'
export {
  AgentCorePaymentsPluginConfig,
  AgentCorePaymentsPluginConfig as AgentCorePaymentsConfig,
} from './options/config.js'
export type { AgentCorePaymentsPluginOptions, HttpRequestOptions } from './options/options.js'
export type { SignedPaymentLimits } from '../limits/signed-payment-limits.js'
export { ErrorResolution } from './options/error-resolution.js'
export type {
  LivePaymentsConfig,
  OnPaymentError,
  PaymentErrorAnswer,
  PaymentErrorContext,
} from './options/error-resolution.js'
export { paymentFailureOf, type PaymentFailure } from './pay/failure-record.js'
export type { PaymentResponseHandler } from './options/payment-response-handler.js'
export { getPaymentHandler } from './handlers/handlers.js'
export { genericPaymentHandler } from './handlers/generic-payment-handler.js'
export { PAYMENT_REQUIRED_MARKER } from '../wire/marker.js'
export { payingMcpClient, type PayingMcpClientOptions } from './paying-mcp-client.js'
