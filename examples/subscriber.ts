/**
 * A buyer's call, step by step: balance → token → paid call → receipt.
 *
 * Run it against a local stack. Start `npx agentcore-x402 local` in one terminal. Paste its `export` lines
 * into another terminal, and run `npm run example examples/subscriber.ts` there.
 */
import { Payments } from 'agentcore-x402'

const { NVM_SUBSCRIBER_API_KEY, NVM_PLAN_ID = '', NVM_BACKEND_URL, GATEWAY_URL } = process.env
const payments = Payments.getInstance({ nvmApiKey: NVM_SUBSCRIBER_API_KEY })
const gatewayUrl = GATEWAY_URL ?? `${NVM_BACKEND_URL}/mcp`

/** Calls a paid tool once, and returns what a buyer wants to know. */
export async function buy(tool: string, args: Record<string, unknown>) {
  const before = await payments.plans.getPlanBalance(NVM_PLAN_ID)
  const { accessToken } = await payments.x402.getX402AccessToken(NVM_PLAN_ID)
  const response = await fetch(gatewayUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'payment-signature': accessToken },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: args },
    }),
  })
  const { result } = (await response.json()) as {
    result: { content: { text: string }[]; _meta?: { 'x402/payment-response'?: object } }
  }
  const after = await payments.plans.getPlanBalance(NVM_PLAN_ID)
  return {
    text: result.content[0]?.text,
    receipt: result._meta?.['x402/payment-response'],
    balanceBefore: before.balance,
    balanceAfter: after.balance,
  }
}

if (process.argv[1]?.includes('subscriber')) {
  console.log(await buy('Greeter___hello', { name: 'Ada' }))
}
