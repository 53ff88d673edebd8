import type { AfterToolCallEvent } from '@strands-agents/sdk'
import {
  PaymentInstrumentConfigurationRequired,
  PaymentSessionConfigurationRequired,
} from '../../agentcore/aws/errors.js'
import { readPaymentRequired } from '../../agentcore/pay/payment-required-request.js'
import { PaymentError } from '../../errors/payment-error.js'
import { requireAllowedHost } from '../../agentcore/pay/forbidden.js'
import { checkSignedLimits } from '../../limits/check-limits.js'
import { isRecord } from '../../wire/json.js'
import { sayOnce, type PayingAgent, type PaymentDesk, type SignedPayment } from './paying-agent.js'
import { clientTokenOf, type PaymentState } from './payment-state.js'
import type { ToolChallenge } from './tool-challenge.js'

/**
 * Has AWS sign a payment for a tool call. Everything that would make it useless is checked before.
 *
 * @throws PaymentError, or the reason of the agent's signal
 */
export async function signPayment(
  { toolUse, tool }: AfterToolCallEvent,
  { request, handler }: ToolChallenge,
  state: PaymentState,
  paying: PayingAgent,
): Promise<SignedPayment> {
  checkApplicable(handler, toolUse.input, tool)
  const url = urlIn(toolUse.input)
  // This comes before a session is made for the payment.
  requireAllowedHost(url, checkSignedLimits(paying.config.limits))
  const { x402, mpp } = readPaymentRequired(request)
  const ids = await configuredIds(paying)
  const offer = [x402?.version, x402?.accepts, mpp.map(({ raw }) => raw)]
  const { config, manager, agent } = paying
  const header = await manager.generatePaymentHeader(
    {
      ...ids,
      paymentRequiredRequest: { ...request, url },
      networkPreferences: config.networkPreferencesConfig,
      limits: config.limits,
      buyerPaysGasFees: config.buyerPaysGasFees,
      permit2AllowanceLimit: config.permit2AllowanceLimit,
      clientToken: clientTokenOf(state, [ids, offer]),
    },
    { abortSignal: agent.cancelSignal },
  )
  if (!isLimited(config)) sayOnce(paying, UNLIMITED)
  return { header: { ...header }, handler }
}

function isLimited({ limits }: PaymentDesk['config']): boolean {
  const { payees, maxAmountPerPayment, hosts } = limits
  return [payees, maxAmountPerPayment, hosts].some((one) => one !== undefined)
}

/** The URL that a tool call goes to, as its input says. */
function urlIn(input: unknown): string | undefined {
  const url = isRecord(input) ? input['url'] : undefined
  return typeof url === 'string' ? url : undefined
}

const UNLIMITED =
  'the first payment was made without a limit of host, payee or amount. Only the budget of the session limits ' +
  'what is paid. Set limits.hosts, limits.payees or limits.maxAmountPerPayment of the payments plugin'

/** A header like those of payments, to find out whether there is a place for one. */
const PROBE = { 'X-PAYMENT': 'probe' }

function checkApplicable(
  handler: ToolChallenge['handler'],
  input: unknown,
  tool: AfterToolCallEvent['tool'],
): void {
  if (!handler.validateToolInput(input, tool)) {
    const message = 'Tool input validation failed: it has no place for a payment; nothing was paid'
    throw new PaymentError('payment_unusable', message)
  }
  if (handler.applyPaymentHeader(structuredClone(input), PROBE) === undefined) {
    const message = 'Failed to apply payment header: the input takes none; nothing was paid'
    throw new PaymentError('payment_unusable', message)
  }
}

async function configuredIds({ config, ensureSession }: PaymentDesk) {
  const { paymentInstrumentId, autoSession } = config
  if (paymentInstrumentId === undefined) {
    const how =
      'create one with createPaymentInstrument and set it with config.updatePaymentInstrumentId'
    const message = `paymentInstrumentId: no instrument to pay with was given; ${how}`
    throw new PaymentInstrumentConfigurationRequired(message)
  }
  if (config.paymentSessionId === undefined && autoSession) await ensureSession()
  const { paymentSessionId } = config
  if (paymentSessionId !== undefined) return { paymentInstrumentId, paymentSessionId }
  const how = 'create one with createPaymentSession and set it with config.updatePaymentSessionId'
  const message = `paymentSessionId: no session to pay in was given; ${how}; autoSession does both`
  throw new PaymentSessionConfigurationRequired(message)
}
