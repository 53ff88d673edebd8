import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, ToolResultBlock, type AgentConfig, type AgentResult } from '@strands-agents/sdk'
import {
  AgentCorePaymentsPlugin,
  type AgentCorePaymentsPluginOptions,
} from '../../../src/strands/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { answering } from '../../agentcore/support/answering.js'
import { base64, challengeV2 } from '../../agentcore/support/payment-header.js'
import { CREDENTIALS, funded } from '../../agentcore/support/payment-manager.js'
import { ScriptedModel, type Turn } from './model.js'

/** A call of `http_request`, as a model makes it. */
export const get = (url: string, id = 'call-1'): NonNullable<Turn['tools']>[number] => ({
  id,
  name: 'http_request',
  input: { url },
})

/** A user with a dollar, and agents that pay with it. */
export async function shopper(options: Partial<AgentCorePaymentsPluginOptions> = {}) {
  const one = await funded()
  const { paymentInstrumentId, paymentSessionId, buyer } = one
  const log: { level: string; message: string }[] = []
  const at = (level: string) => (message: string) => void log.push({ level, message })
  const settings: AgentCorePaymentsPluginOptions = {
    paymentManagerArn: buyer.paymentManagerArn,
    endpoint: buyer.service.url,
    credentials: CREDENTIALS,
    userId: 'user-1',
    paymentInstrumentId,
    paymentSessionId,
    postPaymentRetryDelaySeconds: 0,
    allowPrivateHosts: true,
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    ...options,
  }
  const plugin = new AgentCorePaymentsPlugin(settings)
  const agentThat = (turns: readonly Turn[], config: AgentConfig = {}) => {
    const model = new ScriptedModel(...turns)
    const agent = new Agent({ model, plugins: [plugin], printer: false, ...config })
    return { agent, model }
  }
  const tokens = () =>
    one.calls('ProcessPayment').map(({ body }) => (body as { clientToken: string }).clientToken)
  const spent = () => buyer.service.sessions().map((session) => session.spent)
  return { ...one, settings, plugin, agentThat, log, tokens, spent }
}

/** How a merchant takes a payment. It returns the answer. The default is the goods. */
type Take = (request: IncomingMessage, response: ServerResponse, payments: number) => unknown

/** Starts a merchant that asks for a cent by x402 v2, and gives `goods` for any payment. */
export async function merchant(take: Take = () => undefined) {
  const payments: string[] = []
  const { url, asked } = await answering((request, response) => {
    const payment = request.headers['payment-signature']
    if (typeof payment !== 'string') return askForPayment(response)
    payments.push(payment)
    take(request, response, payments.length)
    if (!response.headersSent) response.end(JSON.stringify({ goods: 42 }))
  })
  return { url, asked, payments, decoded: () => payments.map((one) => decodeHeader(one)) }
}

/**
 * Answers with a challenge.
 *
 * @param error why a payment was not taken, if there was one
 */
export function askForPayment(response: ServerResponse, error = 'payment required'): void {
  const challenge = challengeV2(undefined, { error })
  response.writeHead(402, {
    'payment-required': base64(challenge),
    'content-type': 'application/json',
  })
  response.end(JSON.stringify({ error }))
}

/**
 * What the model got for a tool call.
 *
 * @throws if it got nothing
 */
export function answerTo(agent: Agent, toolUseId = 'call-1'): { status: string; text: string } {
  const blocks = agent.messages.flatMap(({ content }) => content)
  const block = blocks.findLast(
    (one): one is ToolResultBlock => one.type === 'toolResultBlock' && one.toolUseId === toolUseId,
  )
  if (block === undefined) throw new Error(`no answer to ${toolUseId}`)
  const text = block.content.map((one) => (one.type === 'textBlock' ? one.text : '')).join('')
  return { status: block.status, text }
}

/** The answers to all interrupts of a result. */
export const answersTo = ({ interrupts = [] }: AgentResult, response: string | boolean = 'go on') =>
  interrupts.map(({ id }) => ({ interruptResponse: { interruptId: id, response } }))

/** Why an agent was interrupted. */
export const reasonsOf = ({ interrupts = [] }: AgentResult) =>
  interrupts.map(({ reason }) => reason as Record<string, unknown>)
