/** The last part of the demo: an agent buys from an MCP tool and from an HTTP API. */
import { Agent, McpClient, type AgentResult, type ContentBlock } from '@strands-agents/sdk'
import { PaymentManager } from 'agentcore-x402/agentcore'
import { startLocal, type Local } from 'agentcore-x402/local'
import {
  AgentCorePaymentsPlugin,
  payingMcpClient,
  type PaymentFailure,
} from 'agentcore-x402/strands'
import { ScriptedModel, type Turn } from '../tests/strands/support/model.js'
import { cut, line, say } from './demo-print.js'
import { SHOP, sellForecasts, sellQuotes } from './demo-shops.js'

const BUDGET = '0.05' // Unit: dollars.

export async function tellOfAgent(): Promise<void> {
  say('bold', '\nA Strands agent buys what it has to know, within a session of $0.05')
  const local = await startLocal({ x402: { chain: 'auto' } })
  const [forecasts, quotes] = [await sellForecasts(local), await sellQuotes(local)]
  const client = payingMcpClient(new McpClient({ url: forecasts.url }))
  try {
    const agent = await hire(local, client, script(quotes.url))
    for (const question of QUESTIONS) await tellOfAnswer(agent, question, local)
    const { settlesOn, settlements } = local.x402
    const income = Number(await local.x402.balanceOf(SHOP)) / 1e6
    const total = `${settlements.length} settlements, the shops hold $${income.toFixed(2)}`
    say('bold', `\nOn the ${settlesOn}: ${total}.`)
  } finally {
    await client.disconnect()
    for (const one of [forecasts, quotes, local]) await one.close()
  }
}

const QUESTIONS = ['Do I need an umbrella in Oslo?', 'What is gold at?', 'And silver?']

/** What the model says to the questions. With `new BedrockModel()`, a real model answers. */
function script(url: string): Turn[] {
  const call = (name: string, input: object): Turn => ({ tools: [{ id: name, name, input }] })
  return [
    call('Weather___forecast', { city: 'Oslo' }),
    { text: 'Take one, it is going to rain.' },
    call('http_request', { url: `${url}/gold` }),
    { text: 'Gold is at 4012 dollars.' },
    call('http_request', { url: `${url}/silver` }),
    { text: 'I cannot say: the quote costs more than is left.' },
  ]
}

/** Makes the agent. With AWS, leave out `endpoint`, `credentials` and `allowPrivateHosts`. */
async function hire({ url, paymentsService }: Local, client: McpClient, turns: Turn[]) {
  const { paymentManagerArn, paymentConnectorId } = paymentsService.addManager()
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const settings = { paymentManagerArn, userId: 'ada', endpoint: url, credentials }
  const manager = new PaymentManager(settings)
  const { paymentInstrumentId } = await manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] } },
  })
  const { paymentSessionId } = await manager.createPaymentSession({
    expiryTimeInMinutes: 60,
    limits: { maxSpendAmount: { value: BUDGET, currency: 'USD' } },
  })
  const plugin = new AgentCorePaymentsPlugin({
    ...settings,
    paymentInstrumentId,
    paymentSessionId,
    allowPrivateHosts: true,
    postPaymentRetryDelaySeconds: 0,
  })
  const model = new ScriptedModel(...turns)
  return new Agent({ model, tools: [client], plugins: [plugin], printer: false })
}

async function tellOfAnswer(agent: Agent, question: string, local: Local): Promise<void> {
  const session = () => local.paymentsService.sessions()[0]
  const spentBefore = Number(session()?.spent)
  const saidBefore = agent.messages.length
  say('cyan', `\nIt is asked: ${question}`)
  let result = await agent.invoke(question)
  if (result.stopReason === 'interrupt') result = await decline(agent, result)
  for (const { content } of agent.messages.slice(saidBefore)) content.forEach(tellOfTool)
  line('paid', `$${(Number(session()?.spent) - spentBefore).toFixed(2)}`)
  line('answer', result.toString())
  line('session', `$${session()?.available} left`)
}

function tellOfTool(block: ContentBlock): void {
  if (block.type === 'toolUseBlock') line('calls', `${block.name} ${JSON.stringify(block.input)}`)
  if (block.type !== 'toolResultBlock') return
  const [first] = block.content
  const text = first?.type === 'textBlock' ? first.text : ''
  const { body } = text.startsWith('{') ? (JSON.parse(text) as { body?: unknown }) : {}
  const isGood = block.status === 'success'
  line('gets', cut(body === undefined ? text : JSON.stringify(body)), isGood ? 'green' : 'red')
}

/** Declines every payment that was asked about. A program could ask a person here. The model is told. */
function decline(agent: Agent, { interrupts = [] }: AgentResult): Promise<AgentResult> {
  return agent.invoke(
    interrupts.map(({ id, reason }) => {
      const { exceptionType, exceptionMessage } = reason as PaymentFailure
      line('interrupt', cut(`${exceptionType}: ${exceptionMessage}`), 'red')
      return { interruptResponse: { interruptId: id, response: false } }
    }),
  )
}
