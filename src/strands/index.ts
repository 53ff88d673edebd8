export { AgentCorePaymentsPlugin } from './plugin.js'
export { AgentCorePaymentsPluginConfig } from './config.js'
export type {
  AgentCorePaymentsPluginOptions,
  HttpRequestOptions,
  PaymentBounds,
} from './options.js'
export { ErrorResolution } from './error-resolution.js'
export type { OnPaymentError, PaymentErrorAnswer, PaymentErrorContext } from './error-resolution.js'
export type { PaymentFailure } from './failure-record.js'
export type { PaymentResponseHandler } from './payment-response-handler.js'
export { getPaymentHandler } from './handlers.js'
export { genericPaymentHandler } from './generic-payment-handler.js'
export { httpRequestPaymentHandler } from './http-request-payment-handler.js'
export { mcpRequestPaymentHandler } from './mcp-request-payment-handler.js'
export { PAYMENT_REQUIRED_MARKER } from './marker.js'
export { payingMcpClient } from './mcp.js'
export { NETWORK_PREFERENCES } from '../agentcore/network-preference.js'
