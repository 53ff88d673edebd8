export { startPaymentsService } from './agentcore/index.js'
export type {
  InstrumentStatus,
  LocalInstrument,
  LocalPayments,
  LocalPaymentsManager,
  LocalPaymentsService,
  LocalSession,
  LocalToken,
  PaymentsCall,
  PaymentsFault,
  PaymentsFaults,
  PaymentsPeeks,
  PaymentsServiceOptions,
  WalletBalance,
} from './agentcore/index.js'
export type { Fault, Faults, Route } from './http/faults.js'
export type { Assumptions } from './gateway/protocol/assumptions.js'
export { startFunctionUrl } from './function-url/start-function-url.js'
export type { FunctionUrlOptions, LocalFunctionUrl } from './function-url/start-function-url.js'
export { startGateway } from './gateway/index.js'
export type { LocalGateway } from './gateway/index.js'
export type { Invocation } from './gateway/protocol/invocations.js'
export type {
  GatewayInterceptor,
  GatewayOptions,
  GatewayTarget,
  HttpTarget,
  LambdaTarget,
  McpTarget,
  ToolDefinition,
  ToolSchema,
} from './gateway/protocol/options.js'
export type { Lambda, LambdaFunction, LambdaHandler, LambdaInvocation } from './lambda/lambda.js'
export { LambdaError, localContext } from './lambda/lambda.js'
export { startLambda } from './lambda/process.js'
export type { LambdaProcess, LambdaProcessOptions } from './lambda/process.js'
export type { Local, LocalOptions, TokenOptions } from './local-stack.js'
export type { Ledger } from './nevermined/ledger.js'
export type { LedgerBooks } from './nevermined/ledger-books.js'
export type {
  DelegationTerms,
  LocalAccount,
  LocalDelegation,
  LocalPlan,
  LocalSettlement,
  SettleOrder,
} from './nevermined/ledger-entries.js'
export type { RecordedCall } from './nevermined/serve-api.js'
export type { ShopOptions } from './shop.js'
export type { LocalTable } from './table/payment-table.js'
export { startLocal } from './start-local.js'
export type {
  LocalX402,
  PendingForm,
  X402Asset,
  X402Call,
  X402Fault,
  X402Faults,
  X402Options,
  X402Route,
  X402Settlement,
} from './x402/index.js'
