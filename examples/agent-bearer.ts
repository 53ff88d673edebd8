/**
 * An agent whose payment manager has a `CUSTOM_JWT` authorizer. The agent shows a token of your identity
 * provider, and needs no AWS credentials for payments. The user is the token's `sub`, so no `userId` is
 * given.
 *
 * The model is not part of this: Bedrock needs credentials, or an API key, of its own.
 */
import { Agent, BedrockModel, type Model } from '@strands-agents/sdk'
import {
  AgentCorePaymentsPlugin,
  type AgentCorePaymentsPluginOptions,
} from 'agentcore-x402/strands'

const { PAYMENT_MANAGER_ARN = '', AWS_REGION = 'us-west-2' } = process.env

/** Gets tokens by OAuth's client credentials. A token is kept until it expires. */
export function accessTokens(now = Date.now): () => Promise<string> {
  const { TOKEN_URL = '', TOKEN_CLIENT_ID = '', TOKEN_CLIENT_SECRET = '' } = process.env
  let current = { token: '', until: 0 }
  return async () => {
    if (now() < current.until) return current.token
    const client = Buffer.from(`${TOKEN_CLIENT_ID}:${TOKEN_CLIENT_SECRET}`).toString('base64')
    const response = await fetch(TOKEN_URL, {
      method: 'POST',
      headers: { authorization: `Basic ${client}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      signal: AbortSignal.timeout(5_000),
    })
    if (!response.ok) throw new Error(`no token: ${response.status}`)
    const body = (await response.json()) as { access_token: string; expires_in: number }
    // The token is replaced a minute early, so that it does not expire on its way.
    current = { token: body.access_token, until: now() + (body.expires_in - 60) * 1000 }
    return current.token
  }
}

export function bearerAgent(
  model: Model,
  more: Partial<AgentCorePaymentsPluginOptions> = {},
): Agent {
  const payments = new AgentCorePaymentsPlugin({
    paymentManagerArn: PAYMENT_MANAGER_ARN,
    region: AWS_REGION,
    tokenProvider: accessTokens(), // It is called before every request. A `bearerToken` works too.
    paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID,
    paymentSessionId: process.env.PAYMENT_SESSION_ID,
    ...more,
  })
  return new Agent({ model, plugins: [payments], printer: false })
}

if (process.argv[1]?.includes('agent-bearer')) {
  const [url = 'https://api.example.com/quote'] = process.argv.slice(2)
  console.log((await bearerAgent(new BedrockModel()).invoke(`What does ${url} say?`)).toString())
}
