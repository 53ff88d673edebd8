import type { AfterToolCallEvent, LocalAgent } from '@strands-agents/sdk'
import type { PaymentManager } from '../../agentcore/payment-manager.js'
import type { LogDetails, Logger } from '../../logger.js'
import type { AgentCorePaymentsPluginConfig } from '../options/config.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'

/** The parts that the agents of a plugin share. */
export interface PaymentDesk {
  config: AgentCorePaymentsPluginConfig
  manager: PaymentManager
  logger: Logger
  ensureSession: () => Promise<void>
  /** Warnings that the log already has, and that are given only once. */
  said: Set<string>
}

/** Warns only the first time that an agent of the plugin gives a reason. */
export function sayOnce(
  { said, logger }: PaymentDesk,
  message: string,
  details: LogDetails = {},
): void {
  if (said.has(message)) return
  said.add(message)
  logger.warn(message, details)
}

/** One agent of a plugin. */
export interface PayingAgent extends PaymentDesk {
  agent: LocalAgent
  /** Signed payments for the next attempt at a tool call, by its id. They are kept in memory only. */
  signed: Map<string, SignedPayment>
}

/** A payment, and how to put it into the input of its tool. */
export interface SignedPayment {
  header: Readonly<Record<string, string>>
  handler: PaymentResponseHandler
}

/** A type that the SDK has and does not export. */
export type ToolUseData = AfterToolCallEvent['toolUse']
