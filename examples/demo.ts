/** `npm run demo` shows a sale against the local stack. Nothing leaves this machine. */
import type { InterceptorOutput, WrappedHandler } from 'agentcore-x402'
import { startLocal, localContext } from 'agentcore-x402/local'
import { tellOfAgent } from './demo-agent.js'
import { tellOfBuyer } from './demo-buyer.js'
import { tellOfGateway } from './demo-gateway.js'
import { cut, line, say, short } from './demo-print.js'

const local = await startLocal({ credits: 20n })
process.env.AWS_LAMBDA_LOG_LEVEL = 'FATAL' // The demo prints what happens. The handlers' logs would repeat it.
process.env.NVM_BACKEND_URL = local.url
process.env.NVM_API_KEY = local.nvmApiKey
process.env.NVM_PLAN_ID = local.planId
// The handlers read their environment when they load, as in a Lambda.
const greeter = (await import('./minimal.js')).handler
const shouter = (await import('./dynamic-credits.js')).handler
const library = (await import('./credits-to-charge.js')).handler
const flaky = (await import('./failing.js')).handler

say('bold', 'A paid tool behind AgentCore Gateway, played against a local facilitator')
say(
  'dim',
  `${local.url}, plan ${short(local.planId)}, subscriber ${short(local.subscriberAddress)}`,
)

const token = local.accessToken()
await play('No payment', greeter, 'Greeter___hello', { name: 'Ada' }, null)
await play('A forged payment', greeter, 'Greeter___hello', { name: 'Ada' }, forged(token))
await play('Paid: one credit', greeter, 'Greeter___hello', { name: 'Ada' }, token)
await play(
  'Priced before the work: 250 characters',
  shouter,
  'Text___shout',
  { text: 'ha'.repeat(125) },
  token,
)
await play(
  'Priced after the work: one credit a hit',
  library,
  'Library___search',
  { query: 'a' },
  token,
)
await play(
  'Over-priced: 3000 characters cost 30, the buyer has less',
  shouter,
  'Text___shout',
  { text: 'x'.repeat(3000) },
  token,
)
await play('The handler fails', flaky, 'Flaky___run', {}, token)
local.faults.set({ route: 'settle', kind: 'refuse', reason: 'order reverted' })
await play(
  'The work is done and settlement refused',
  greeter,
  'Greeter___hello',
  { name: 'Eve' },
  token,
)

say(
  'bold',
  `\nIn the ledger: ${local.ledger.settlements.length} settlements, ${local.balance()} of 20 credits left.`,
)
await local.close()
await tellOfGateway()
await tellOfBuyer()
await tellOfAgent()

async function play(
  title: string,
  handler: WrappedHandler,
  tool: string,
  args: Record<string, unknown>,
  payment: string | null,
): Promise<void> {
  const before = local.balance()
  const output = await handler(local.paidEvent(tool, args, payment), localContext())
  say('cyan', `\n${title}`)
  line(
    'request',
    `tools/call ${tool}(${cut(JSON.stringify(args))})${payment === null ? '' : ', with payment'}`,
  )
  describe(output)
  const after = local.balance()
  line('balance', before === after ? `${before}, not charged` : `${before} → ${after}`)
}

function describe(output: InterceptorOutput): void {
  const { headers = {}, body } = output.mcp.transformedGatewayResponse ?? {}
  const { result } = body as { result: { isError?: boolean; content: { text: string }[] } }
  const challenge = headers['payment-required']
  const answer = challenge === undefined ? result.content[0]?.text : result.content[2]?.text
  const label = challenge === undefined ? 'answer' : '402'
  line(
    label,
    cut((answer ?? '').replaceAll(local.planId, short(local.planId))),
    result.isError ? 'red' : 'green',
  )
  const receipt = headers['payment-response']
  if (receipt !== undefined) line('receipt', describeReceipt(receipt))
}

function describeReceipt(header: string): string {
  const receipt = JSON.parse(Buffer.from(header, 'base64').toString()) as Record<
    string,
    string | boolean
  >
  if (receipt.success !== true) return `success: false, ${String(receipt.errorReason)}`
  const { creditsRedeemed, remainingBalance, transaction } = receipt
  return `${String(creditsRedeemed)} redeemed, ${String(remainingBalance)} left, transaction ${short(String(transaction))}`
}

/** Writes another payer into a payment. */
function forged(token: string): string {
  const payment = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
    payload: { authorization: { from: string } }
  }
  payment.payload.authorization.from = '0x000000000000000000000000000000000000dead'
  return Buffer.from(JSON.stringify(payment)).toString('base64url')
}
