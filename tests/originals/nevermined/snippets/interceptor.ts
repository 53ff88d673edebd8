/**
 * payments-py 1.15.1, the docstrings of `payments_py/x402/agentcore`, translated as a reader would.
 *
 * @see https://github.com/nevermined-io/payments-py/blob/main/payments_py/x402/agentcore/interceptor.py
 */
import {
  AgentCoreInterceptor,
  Payments,
  createInterceptor,
  createLambdaHandler,
  type InterceptorConfig,
} from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
const planId = process.env.NVM_PLAN_ID

/** "Via Payments instance (recommended)" */
const viaPayments = payments.agentcore.createInterceptor({ planId })
export const recommended = (event: unknown) => viaPayments.handle(event)

/** "One-liner handler" */
export const oneLiner = payments.agentcore.createLambdaHandler({ planId })

/** "Pattern B - direct import" */
const direct = createInterceptor({ payments, planId, credits: 1 })
export const directImport = (event: unknown) => direct.handle(event)
export const directHandler = createLambdaHandler({ payments, planId })

/** The class itself */
export const byClass = new AgentCoreInterceptor({ payments, planId }).handle

/** "Per-tool configuration" */
const getPatient: InterceptorConfig = { planId, credits: 1 }
const bookAppointment: InterceptorConfig = { planId, credits: 5 }
export const perTool = payments.agentcore.createInterceptor({
  tools: { getPatient, bookAppointment },
}).handle

/** "Dynamic credits" */
export const dynamic = payments.agentcore.createInterceptor({
  planId,
  credits: (event) => (event.mcp.gatewayRequest.body.params.arguments['detailed'] ? 2 : 1),
}).handle

/** "With hooks" */
export const withHooks = payments.agentcore.createInterceptor({
  planId,
  onAfterSettle: (credits) => console.log(`Settled ${credits} credits`),
}).handle
