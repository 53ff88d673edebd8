export { requiresPayment } from './seller/requires-payment.js'
export type { PaidHandler, PaymentDecorator, WrappedHandler } from './seller/requires-payment.js'
export { createInterceptor, createLambdaHandler } from './seller/interceptor.js'
export type { Interceptor, InterceptorHandler } from './seller/interceptor.js'
export { AgentCoreInterceptor, MCP_METHODS, X402_HEADERS } from './seller/payments-py-names.js'
export type {
  AgentCoreAPI,
  CreditsCallable,
  GatewayRequest,
  InterceptorConfig,
  MCPRequestBody,
  MCPResponseBody,
  PaymentContext,
} from './seller/payments-py-names.js'
export type { McpResult as MCPResult } from './wire/mcp.js'
export type { PaymentsOptions as PaymentOptions } from './payments.js'
export type { InterceptorOptions } from './seller/options/interceptor-options.js'
export type { InterceptorSecret, InterceptorStore } from './seller/options/interceptor-options.js'
export { composeInterceptors } from './seller/compose-interceptors.js'
export type { ComposedHandler, InterceptorLike } from './seller/compose-interceptors.js'
export type { SellerOutput } from './seller/events/output.js'
export type { CallTransport, EventShape } from './seller/events/call.js'
export type { CorsHeaders } from './seller/events/cors-rules.js'
export type { HttpInterceptorOutput } from './wire/gateway-events.js'
export type { HttpEventOutput } from './wire/gateway-events.js'
export type { RequiresPaymentOptions } from './seller/options/options.js'
export type { Credits, CreditsPrice, Validate, ToolOptions } from './seller/options/tool-options.js'
export type { UnsettledPolicy } from './seller/options/settlement-options.js'
export type { CreditsSource } from './seller/answer/answer.js'
export type { VerifiedPayment } from './seller/rails/payment.js'
export type { SoldCall } from './seller/events/call.js'
export { Payments } from './payments.js'
export type { PaymentsOptions } from './payments.js'
export type {
  CreateDelegationPayload,
  Delegations,
  Plans,
  X402TokenOptions,
  X402Tokens,
} from './nevermined/subscriber.js'
export type { AgentCore, AgentCoreOptions } from './seller/payments-agentcore.js'
export type {
  CreateDelegationResponse,
  PlanBalance,
  X402Payment,
} from './nevermined/buyer-calls.js'
export type { WarmOptions } from './nevermined/warm-up.js'
export type { DelegationConfig, PayerOptions } from './nevermined/payer-options.js'
export type { EnvironmentName } from './nevermined/environments.js'
export type {
  Facilitator,
  SellerPayments,
  SettlePermissionsParams,
  VerifyPermissionsParams,
} from './nevermined/facilitator.js'
export type { FacilitatorCall } from './wire/facilitator-call.js'
export {
  OptionsError,
  PaymentConflictError,
  PaymentError,
  PaymentRefusedError,
  PaymentRequiredError,
  PaymentUnavailableError,
  PaymentUsedError,
  SettlementUnknownError,
} from './errors/payment-error.js'
export type { Mistake, MistakeCode } from './errors/mistake.js'
export { RefundError } from './errors/refund-error.js'
export { memoryStore } from './seller/records/memory-store.js'
export type { CorsOptions } from './seller/options/cors-options.js'
export type { MemoryStoreOptions } from './seller/records/memory-store.js'
export { markRefunded } from './seller/records/mark-refunded.js'
export type { MarkRefundedOptions, MarkedRefund } from './seller/records/mark-refunded.js'
export type {
  InFlight,
  Kept,
  PaymentStore,
  Reservation,
  ReservationTerms,
} from './seller/options/payment-store.js'
export type {
  AskedSettle,
  ReservedAt,
  KeptPayment,
  PaymentRecord,
  PaymentState,
  Settlement,
  Sold,
} from './seller/options/payment-record.js'
export type { PaymentErrorCode, UnsettledFacts, UnsettledState } from './errors/payment-error.js'
export { PaymentsError } from './errors/payments-error.js'
export type { FacilitatorFailure, FacilitatorOutcome } from './errors/payments-error.js'
export type { LogDetails, Logger } from './logger.js'
export type { JsonRpcId, McpContent, McpRequest, McpResponse, McpResult } from './wire/mcp.js'
export type {
  GatewayEvent,
  GatewayResponse,
  HandlerResult,
  HttpResponse,
  InterceptorOutput,
} from './wire/gateway-events.js'
export { HTTPFacilitatorClient } from './facilitators/http-facilitator-client.js'
export type { AuthHeaders, FacilitatorPath } from './facilitators/auth-headers.js'
export type { HTTPFacilitatorClientOptions } from './facilitators/http-facilitator-options.js'
export type {
  FacilitatorClient,
  FacilitatorPayment,
  FacilitatorRequirements,
  SettlementStatus,
  SupportedKinds,
} from './facilitators/facilitator-client.js'
export type { PaymentErrorAnswer } from './seller/options/hook-options.js'
export type { AssetPrice, PriceFunction, RpcUrls } from './seller/options/money/asset-options.js'
export type { Money } from './seller/options/money/money.js'
export type { PaymentFlow } from './seller/options/flow-checks.js'
export type { DeadCode } from './seller/options/dead-code.js'
export type { Charged, PaymentEvent } from './seller/options/payment-events.js'
export type { RefundDue, RefundReason } from './seller/options/payment-events.js'
export type { Challenge, Requirement } from './wire/x402-challenge.js'
export { isAssetRequirement, isPlanRequirement } from './wire/x402.js'
export type {
  AssetRequirements,
  PaymentRequired,
  PaymentRequirements,
  PlanRequirements,
  SettleResponse,
  VerifyResponse,
} from './wire/x402.js'
