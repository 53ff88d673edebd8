/**
 * A payment that cannot be made interrupts the agent. If a wallet or a session is missing or over, the agent gets
 * another one, and goes on. The program declines everything else, and the model is told.
 */
import { Agent, BedrockModel, type AgentResult, type Model } from '@strands-agents/sdk'
import { PaymentManager } from 'agentcore-x402/agentcore'
import {
  AgentCorePaymentsPlugin,
  type AgentCorePaymentsPluginConfig,
  type AgentCorePaymentsPluginOptions,
  paymentFailureOf,
} from 'agentcore-x402/strands'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_USER_ID = 'user-1' } = process.env
const common = { paymentManagerArn: PAYMENT_MANAGER_ARN, userId: PAYMENT_USER_ID }

/** Asks an agent that has neither wallet nor session, and gives it what it needs. */
export async function askUntilPaid(
  prompt: string,
  model: Model,
  more: Partial<AgentCorePaymentsPluginOptions> = {},
): Promise<AgentResult> {
  const payments = new AgentCorePaymentsPlugin({ ...common, ...more })
  const agent = new Agent({ model, plugins: [payments], printer: false })
  let result = await agent.invoke(prompt)
  while (result.stopReason === 'interrupt') {
    // Tools that ran at the same time may all have failed for one reason. So it is mended once.
    const failures = (result.interrupts ?? []).map((interrupt) => ({
      interruptId: interrupt.id,
      type: paymentFailureOf(interrupt)?.exceptionType ?? 'not of the plugin',
    }))
    const mended = new Map<string, boolean>()
    for (const type of new Set(failures.map((one) => one.type))) {
      mended.set(type, await mend(type, payments.config))
    }
    // `false` declines. After any other answer, the call is made again and paid.
    result = await agent.invoke(
      failures.map(({ interruptId, type }) => ({
        interruptResponse: { interruptId, response: mended.get(type) ?? false },
      })),
    )
  }
  return result
}

/** Mends what an error is about, by the name of its class. @returns whether there is now something to pay with. */
async function mend(type: string, config: AgentCorePaymentsPluginConfig): Promise<boolean> {
  const { PAYMENT_INSTRUMENT_ID } = process.env
  switch (type) {
    case 'PaymentInstrumentConfigurationRequired':
      if (PAYMENT_INSTRUMENT_ID === undefined) return false
      config.updatePaymentInstrumentId(PAYMENT_INSTRUMENT_ID)
      return true
    case 'PaymentSessionConfigurationRequired':
    case 'PaymentSessionExpired':
      config.updatePaymentSessionId(await openSession())
      return true
    default:
      return false // For InsufficientBudget too: the program keeps to the limit.
  }
}

/** Opens a session. Here a program could ask its user first. */
async function openSession(): Promise<string> {
  const { paymentSessionId } = await new PaymentManager(common).createPaymentSession({
    limits: { maxSpendAmount: { value: '0.10', currency: 'USD' } },
    expiryTimeInMinutes: 15,
  })
  return paymentSessionId
}

if (process.argv[1]?.includes('agent-interrupts')) {
  const [url = 'https://api.example.com/quote'] = process.argv.slice(2)
  console.log((await askUntilPaid(`What does ${url} say?`, new BedrockModel())).toString())
}
