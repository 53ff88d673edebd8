import { inCall } from '../errors/in-call.js'
import {
  AfterToolCallEvent,
  BeforeToolCallEvent,
  ExecuteToolStage,
  InitializedEvent,
  MessageAddedEvent,
  type LocalAgent,
  type Plugin,
  type Tool,
} from '@strands-agents/sdk'
import { PaymentManager } from '../agentcore/payment-manager.js'
import { harmless, type Logger } from '../logger.js'
import { afterToolCall } from './pay/after-tool-call.js'
import { withPayment } from './pay/apply-payment.js'
import { createAutoSession } from './pay/auto-session.js'
import { beforeToolCall } from './pay/before-tool-call.js'
import { MAX_PAYMENT_RETRIES } from './pay/failure-record.js'
import { AgentCorePaymentsPluginConfig } from './options/config.js'
import { createOpenCalls } from './pay/open-calls.js'
import type { AgentCorePaymentsPluginOptions } from './options/options.js'
import type { PayingAgent, PaymentDesk } from './pay/paying-agent.js'
import { createPaymentTools } from './tools.js'
import { createVendedReplacement } from './vended-http-request.js'

/**
 * Lets a Strands agent pay. If a tool answers with a 402, Amazon Bedrock AgentCore signs the payment, and
 * the tool is called again with it. The payment session limits what is signed. A payment that cannot be made
 * interrupts the agent, with the reason. Answer the interrupt when the cause is mended.
 *
 * Tools that are called directly (`agent.tool.x.invoke`) are not paid for: they have no hooks. Background
 * tasks are paid for, but cannot interrupt the agent: the model is told at once.
 *
 * Needs `@strands-agents/sdk` and `@aws-sdk/client-bedrock-agentcore`. One plugin may serve many agents. They
 * share its config.
 *
 * @example
 * const plugin = new AgentCorePaymentsPlugin({
 *   paymentManagerArn,
 *   userId: 'alice',
 *   paymentInstrumentId,
 *   paymentSessionId,
 * })
 * const agent = new Agent({ model, plugins: [plugin] })
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html
 */
export class AgentCorePaymentsPlugin implements Plugin {
  readonly name = 'agent-core-payments-plugin'
  /** Attempts to pay for one tool call between two interrupts. It cannot be set. */
  static readonly MAX_PAYMENT_RETRIES = MAX_PAYMENT_RETRIES
  /** The plugin's config. Its `update…` methods take effect with the next payment. */
  readonly config: AgentCorePaymentsPluginConfig
  readonly #desk: PaymentDesk
  readonly #tools: readonly Tool[]

  /** @throws OptionsError naming the option that is missing, unknown or not of its kind. */
  constructor(config: AgentCorePaymentsPluginConfig | AgentCorePaymentsPluginOptions) {
    const isChecked = config instanceof AgentCorePaymentsPluginConfig
    const create = <T>(make: () => T): T => inCall('AgentCorePaymentsPlugin', config, make)
    this.config = isChecked ? config : create(() => new AgentCorePaymentsPluginConfig(config))
    const manager = create(() => new PaymentManager(this.config.managerOptions()))
    this.#desk = {
      config: this.config,
      manager,
      logger: harmless(this.config.logger ?? CONSOLE),
      ensureSession: createAutoSession(this.config, manager),
      said: new Set(),
    }
    this.#tools = createPaymentTools({ config: this.config, manager })
  }

  /** The manager that pays, e.g. to open another session. */
  get paymentManager(): PaymentManager {
    return this.#desk.manager
  }

  /** Called by the SDK when an agent starts. */
  initAgent(agent: LocalAgent): void {
    const paying: PayingAgent = {
      ...this.#desk,
      agent,
      signed: new Map(),
    }
    const calls = createOpenCalls(agent, paying.signed)
    const http = this.#tools.find(isHttpRequest)
    const inPlaceOfVended = createVendedReplacement(paying)
    // This comes last: plugins after this one may bring a tool of that name.
    agent.addHook(InitializedEvent, () => {
      if (http !== undefined && isNameFree(agent, http.name)) agent.toolRegistry.add(http)
    })
    agent.addHook(BeforeToolCallEvent, beforeToolCall)
    agent.addMiddleware(ExecuteToolStage, async function* (context, next) {
      calls.begin(context.toolUse.toolUseId)
      return yield* next(withPayment(inPlaceOfVended(context), paying))
    })
    agent.addHook(AfterToolCallEvent, async (event) => {
      await afterToolCall(event, paying)
      if (event.retry !== true) calls.end(event.toolUse.toolUseId)
    })
    agent.addHook(MessageAddedEvent, ({ message }) => {
      for (const block of message.content) {
        if (block.type === 'toolResultBlock') calls.answered(block.toolUseId)
      }
    })
  }

  /** Called by the SDK. An agent without an `http_request` gets that tool later, at the end of its start. */
  getTools(): Tool[] {
    return this.#tools.filter((tool) => !isHttpRequest(tool))
  }
}

/** The default logger. It is silent about success. */
const CONSOLE: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, details) => console.warn(message, details),
  error: (message, details) => console.error(message, details),
}

function isHttpRequest({ name }: Tool): boolean {
  return name === 'http_request'
}

/** Whether a tool name is free. The SDK takes names for the same if they differ only in `-` and `_`. */
function isNameFree({ toolRegistry }: LocalAgent, name: string): boolean {
  return toolRegistry.list().every((tool) => tool.name.replaceAll('-', '_') !== name)
}
