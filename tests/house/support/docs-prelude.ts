/** Declares names that blocks of code in the docs use. Their pages explain them in words. */
export const DOCS_PRELUDE = `
import type { Model } from '@strands-agents/sdk'
import type { PaymentManager } from 'agentcore-x402/agentcore'
import type {
  HandlerResult,
  GatewayEvent,
  Payments,
  PaymentStore,
  RefundDue,
} from 'agentcore-x402'

declare global {
  /** A handler that is sold. */
  const tool: (event: GatewayEvent) => Promise<HandlerResult>
  const payments: Payments
  const planId: string
  const agentId: string
  const paymentStore: PaymentStore
  const payBackOnce: (id: string, refund: RefundDue) => Promise<void>
  const manager: PaymentManager
  const usdc: string
  const paymentManagerArn: string
  const userId: string
  const paymentInstrumentId: string
  const paymentSessionId: string
  const model: Model
  const quote: import('@strands-agents/sdk').Tool
  const config: import('agentcore-x402/strands').AgentCorePaymentsPluginConfig
}
`
