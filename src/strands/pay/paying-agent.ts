import type { AfterToolCallEvent, LocalAgent } from '@strands-agents/sdk'
import type { PaymentManager } from '../../agentcore/payment-manager.js'
import type { Logger } from '../../logger.js'
import type { AgentCorePaymentsPluginConfig } from '../options/config.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'

/** What the agents of a plugin share. */
export interface PaymentDesk {
  config: AgentCorePaymentsPluginConfig
  manager: PaymentManager
  logger: Logger
  ensureSession: () => Promise<void>
  /** Tools of which the log has said what is to be said once. */
  said: Set<string>
}

/** Warns of a tool, the first time that it is called by an agent of the plugin. */
export function sayOnce({ said, logger }: PaymentDesk, tool: string, message: string): void {
  if (said.has(tool)) return
  said.add(tool)
  logger.warn(message, { tool })
}

/** One agent of a plugin. */
export interface PayingAgent extends PaymentDesk {
  agent: LocalAgent
  /** Signed and for the next attempt at a tool call, by its id. Kept in memory alone. */
  signed: Map<string, SignedPayment>
}

/** A payment, and how to put it into the input of its tool. */
export interface SignedPayment {
  header: Readonly<Record<string, string>>
  handler: PaymentResponseHandler
}

/** What the SDK calls so, without exporting it. */
export type ToolUseData = AfterToolCallEvent['toolUse']
