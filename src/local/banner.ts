import { creditsText } from '../wire/amounts.js'
import { examplePayment } from './example-payment.js'
import type { Local } from './local-stack.js'
import { loadUtilities } from './chain/viem.js'

/** The environment variables that clients of Nevermined's API read. */
export function environment(local: Local): Record<string, string> {
  return {
    NVM_ENVIRONMENT: 'custom',
    NVM_BACKEND_URL: local.url,
    NVM_API_KEY: local.nvmApiKey,
    NVM_SUBSCRIBER_API_KEY: local.subscriberApiKey,
    NVM_PLAN_ID: local.planId,
  }
}

/** The environment variables that sellers for money read, as in the examples. */
export function sellerEnvironment({ x402, sellerAddress }: Local): Record<string, string> {
  return { X402_FACILITATOR_URL: x402.url, PAY_TO: sellerAddress }
}

/**
 * The text that the command prints. It shows keys and a token on purpose: they are worthless outside this
 * process.
 *
 * @param sells `example` for the stack's own tool, `handler` for one of the user's, which is called in the
 * same way
 */
export async function banner(
  local: Local,
  sells: 'example' | 'handler' | 'target',
): Promise<string> {
  return `Local stack ready. It lives until you press Ctrl+C; the subscriber holds ${creditsText(local.balance())}.

${variables(environment(local))}

# MCP clients connect to ${local.url}/mcp
${sells === 'target' ? '' : await curls(local, sells === 'example')}
${await standard(local)}

# AWS's SDKs find AgentCore payments here, with any credentials
${variables(awsEnvironment(local))}
`
}

function variables(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`)
  return lines.join('\n')
}

async function standard(local: Local): Promise<string> {
  const { settlesOn, rpcUrl = '', network, asset, buyer } = local.x402
  const hasViem = await loadUtilities().then(
    () => true,
    () => false,
  )
  const how = {
    chain: `the scheme exact, on a chain of this machine: ${rpcUrl}`,
    ledger: 'the schemes exact and upto, on a ledger in memory and no chain',
  }
  return `# Standard x402 sellers settle here: ${how[settlesOn]}
${hasViem ? '' : '# It answers once viem is installed, which checks signatures: npm install viem\n'}\
${variables(sellerEnvironment(local))}
# This buyer holds $1000 of ${asset.symbol} ${asset.address} on ${network},
# by the test key that anvil publishes: worthless elsewhere, and no place for money
${variables({ X402_BUYER_ADDRESS: buyer.address, X402_BUYER_KEY: buyer.privateKey })}`
}

function awsEnvironment({ url, paymentsService }: Local): Record<string, string> {
  const { paymentManagerArn, paymentConnectorId } = paymentsService.addManager()
  return {
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: url,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: url,
    PAYMENT_MANAGER_ARN: paymentManagerArn,
    PAYMENT_CONNECTOR_ID: paymentConnectorId,
  }
}

async function curls(local: Local, isExample: boolean): Promise<string> {
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"Greeter___hello","arguments":{"name":"Ada"}}}`
  const curl = (more: string) =>
    `curl -si ${local.url}/mcp -H 'content-type: application/json'${more} -d '${call}'`
  const paid = (payment: string) => curl(` -H 'payment-signature: ${payment}'`)
  const inMoney = isExample ? await examplePayment(local) : undefined
  const last =
    inMoney && `\n# paid with $0.01 in USDC, once: result and receipt\n${paid(inMoney)}\n`
  return `
# without payment: a challenge
${curl('')}

# paid with 1 credit: result and receipt
${paid(local.accessToken())}
${last ?? ''}`
}
