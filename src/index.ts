export { requiresPayment } from './requires-payment.js'
export type { PaidHandler, PaymentDecorator, WrappedHandler } from './requires-payment.js'
export { createInterceptor, createLambdaHandler } from './interceptor.js'
export type { Interceptor, InterceptorHandler } from './interceptor.js'
export type { InterceptorOptions } from './interceptor-options.js'
export type { InterceptorSecret, InterceptorStore } from './vault.js'
export { composeInterceptors } from './compose-interceptors.js'
export type { ComposedHandler, InterceptorLike } from './compose-interceptors.js'
export type { Output } from './output.js'
export type { Shape, Transport } from './shape.js'
export type { HttpInterceptorOutput } from './shapes/gateway-http.js'
export type { HttpEventOutput } from './shapes/http-event.js'
export type {
  Credits,
  CreditsSource,
  Price,
  RequiresPaymentOptions,
  ToolOptions,
  UnsettledPolicy,
} from './options.js'
export type { VerifiedPayment } from './verify.js'
export type { Call } from './parse.js'
export { Payments } from './payments.js'
export type { PaymentsOptions, PlanBalance, X402TokenOptions } from './payments.js'
export type { AgentCore, AgentCoreOptions } from './agentcore.js'
export type { PayerOptions, X402Payment } from './nevermined-payer.js'
export type { EnvironmentName } from './environments.js'
export type {
  Facilitator,
  FacilitatorCall,
  SellerPayments,
  SettlePermissionsParams,
  VerifyPermissionsParams,
} from './facilitator.js'
export {
  OptionsError,
  PaymentError,
  PaymentRefusedError,
  PaymentRequiredError,
  PaymentUnavailableError,
  SettlementUnknownError,
} from './errors.js'
export type { PaymentErrorCode } from './errors.js'
export { PaymentsError } from './payments-error.js'
export type { FacilitatorOutcome } from './payments-error.js'
export type { LogDetails, Logger } from './logger.js'
export type {
  GatewayEvent,
  GatewayResponse,
  HandlerResult,
  HttpResponse,
  InterceptorOutput,
  JsonRpcId,
  McpContent,
  McpRequest,
  McpResponse,
  McpResult,
} from './mcp.js'
export { HTTPFacilitatorClient } from './standard/http-facilitator-client.js'
export type { HTTPFacilitatorClientOptions } from './standard/http-facilitator-options.js'
export type {
  FacilitatorClient,
  FacilitatorPayment,
  FacilitatorRequirements,
} from './standard/facilitator-client.js'
export type { AssetPrice } from './standard/asset-options.js'
export type { Money } from './standard/price.js'
export type { Flow } from './flow.js'
export type { Charged, PaymentEvent } from './events.js'
export type { RefundDue } from './refund.js'
export type {
  AssetRequirements,
  PaymentRequired,
  PaymentRequirements,
  PlanRequirements,
  SettleResponse,
  VerifyResponse,
} from './x402.js'
