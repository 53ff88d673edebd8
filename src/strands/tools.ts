import { tool, type JSONValue, type Tool } from '@strands-agents/sdk'
import type { PaymentManager } from '../agentcore/payment-manager.js'
import { PaymentError } from '../errors/payment-error.js'
import type { AgentCorePaymentsPluginConfig } from './options/config.js'
import { httpRequestTool } from './http-request/http-request-tool.js'
import {
  BalanceInput,
  GetInstrumentInput,
  GetSessionInput,
  ListInstrumentsInput,
} from './http-request/tool-inputs.js'

/** What the tools need of the plugin. `config` is read at each call, so that late updates count. */
export interface PaymentToolsContext {
  readonly config: AgentCorePaymentsPluginConfig
  readonly manager: PaymentManager
}

/** The tools of the plugin. `http_request` is one of them unless `provideHttpRequest` is false. */
export function createPaymentTools(context: PaymentToolsContext): Tool[] {
  const { config } = context
  const limits = () => ({ allowPrivateHosts: config.allowPrivateHosts })
  return [
    ...(config.provideHttpRequest ? [httpRequestTool(limits)] : []),
    getInstrumentTool(context),
    listInstrumentsTool(context),
    getBalanceTool(context),
    getSessionTool(context),
  ]
}

function getInstrumentTool({ config, manager }: PaymentToolsContext): Tool {
  return tool({
    name: 'get_payment_instrument',
    description: 'Gets the details of a payment instrument: its wallet, network and status.',
    inputSchema: GetInstrumentInput,
    callback: async ({ payment_instrument_id, user_id, payment_connector_id }, context) => {
      const paymentInstrumentId = required(
        'payment_instrument_id',
        text(payment_instrument_id) ?? config.paymentInstrumentId,
      )
      const input = { paymentInstrumentId, paymentConnectorId: text(payment_connector_id) }
      const userId = userOf(config, user_id)
      return plain(await manager.getPaymentInstrument({ ...input, userId }, until(context)))
    },
  })
}

function listInstrumentsTool({ config, manager }: PaymentToolsContext): Tool {
  return tool({
    name: 'list_payment_instruments',
    description: 'Lists the payment instruments of a user, page by page.',
    inputSchema: ListInstrumentsInput,
    callback: async ({ user_id, payment_connector_id, max_results, next_token }, context) => {
      const input = {
        userId: userOf(config, user_id),
        paymentConnectorId: text(payment_connector_id),
        maxResults: max_results ?? 100,
        nextToken: text(next_token),
      }
      return plain(await manager.listPaymentInstruments(input, until(context)))
    },
  })
}

function getBalanceTool({ config, manager }: PaymentToolsContext): Tool {
  return tool({
    name: 'get_payment_instrument_balance',
    description: 'Gets the balance of a payment instrument in atomic units of a token on a chain.',
    inputSchema: BalanceInput,
    callback: async (input, context) => {
      const connector = text(input.payment_connector_id) ?? config.paymentConnectorId
      const asked = {
        paymentInstrumentId: required('payment_instrument_id', text(input.payment_instrument_id)),
        paymentConnectorId: required('payment_connector_id', connector),
        chain: input.chain ?? 'BASE_SEPOLIA',
        token: input.token ?? 'USDC',
        userId: userOf(config, input.user_id),
      }
      return plain(await manager.getPaymentInstrumentBalance(asked, until(context)))
    },
  })
}

function getSessionTool({ config, manager }: PaymentToolsContext): Tool {
  return tool({
    name: 'get_payment_session',
    description: 'Gets the details of a payment session: its limit, what is left, when it expires.',
    inputSchema: GetSessionInput,
    callback: async ({ payment_session_id, user_id }, context) => {
      const session = text(payment_session_id) ?? config.paymentSessionId
      const paymentSessionId = required('payment_session_id', session)
      const userId = userOf(config, user_id)
      return plain(await manager.getPaymentSession({ paymentSessionId, userId }, until(context)))
    },
  })
}

function userOf(config: AgentCorePaymentsPluginConfig, given: string | null | undefined) {
  return text(given) ?? config.userId
}

function text(value: string | null | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === '' ? undefined : trimmed
}

/** The value. If it is missing, the error has the words of AWS's Python plugin. */
function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value
  const message = `${name} is not set. Provide it as a parameter or configure it in the plugin.`
  throw new PaymentError('invalid_input', message)
}

function until(context: { cancelSignal: AbortSignal } | undefined) {
  return { abortSignal: context?.cancelSignal }
}

/** The answer as JSON, with dates as ISO texts and without undefined members. */
function plain(answer: object): JSONValue {
  return JSON.parse(JSON.stringify(answer)) as JSONValue
}
