import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Agent } from '@strands-agents/sdk'
import { PaymentManager } from '../../src/agentcore/index.js'
import type { Local } from '../../src/local/index.js'
import { NETWORK_PREFERENCES } from '../../src/agentcore/index.js'
import * as strands from '../../src/strands/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { answering } from '../agentcore/support/answering.js'
import { built, run } from '../support/built.js'
import { base64, challengeV2 } from '../agentcore/support/payment-header.js'
import { jwt } from '../agentcore/support/payment-manager.js'
import { ACCEPT } from '../local/agentcore/support/payments-service.js'
import { walletAndSession } from '../support/payment-user.js'
import { silent, stack } from '../support/seller.js'
import { answerTo, get, merchant } from '../strands/support/agent.js'
import { ScriptedModel, type Turn } from '../strands/support/model.js'

/** Sellers are on this machine, where no chain makes anybody wait. */
const LOCAL = { allowPrivateHosts: true, postPaymentRetryDelaySeconds: 0, logger: silent }

let local: Local
let connectorId: string

beforeAll(built, 60_000)
beforeAll(async () => {
  local = await stack()
  const manager = local.paymentsService.addManager()
  connectorId = manager.paymentConnectorId
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: local.url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    PAYMENT_MANAGER_ARN: manager.paymentManagerArn,
    PAYMENT_USER_ID: 'ada',
  })
})

beforeEach(async () => {
  const paymentManagerArn = process.env['PAYMENT_MANAGER_ARN'] ?? ''
  const manager = new PaymentManager({ paymentManagerArn, userId: 'ada' })
  Object.assign(process.env, await wallet(manager, connectorId))
})

/** A wallet and a session of fifteen thousandths of a dollar, as the examples find them. */
async function wallet(manager: PaymentManager, connector: string) {
  const ids = await walletAndSession(manager, connector, { limit: '0.015' })
  return {
    PAYMENT_INSTRUMENT_ID: ids.paymentInstrumentId,
    PAYMENT_SESSION_ID: ids.paymentSessionId,
  }
}

/** A model that asks for these, one after the other. */
const buying = (...urls: string[]) =>
  new ScriptedModel(...urls.map((url, at): Turn => ({ tools: [get(url, `call-${at + 1}`)] })))

const sessionOf = (id = process.env['PAYMENT_SESSION_ID']) =>
  local.paymentsService.sessions().find((session) => session.id === id)

/** A merchant that asks for this, and notes what it was paid. */
async function asking(...accepts: object[]) {
  const payments: unknown[] = []
  const { url } = await answering((request, response) => {
    const payment = request.headers['payment-signature']
    if (typeof payment === 'string') {
      payments.push(decodeHeader(payment))
      return response.end('{"goods":42}')
    }
    return response
      .writeHead(402, { 'payment-required': base64(challengeV2(accepts)) })
      .end(JSON.stringify({ error: 'payment required' }))
  })
  return { url, payments }
}

test('paying agent: it gets what costs a cent, and nothing that costs more', async () => {
  const { payingAgent } = await import('../../examples/paying-agent.js')
  const [fair, dear] = [await merchant(), await asking({ ...ACCEPT, amount: '10001' })]
  const agent = payingAgent(buying(dear.url, fair.url), { ...LOCAL, maxInterruptRetries: 0 })
  expect((await agent.invoke('buy both')).toString()).toBe('done')
  expect(answerTo(agent, 'call-1').text).toMatch(/^PAYMENT ERROR: /)
  expect(answerTo(agent, 'call-2').text).toContain('"goods":42')
  expect([fair.payments.length, dear.payments.length]).toEqual([1, 0])
  expect(sessionOf()).toMatchObject({ spent: '0.01', available: '0.005' })
})

test('paying agent: it pays with nothing but the asset it was given', async () => {
  const { payingAgent } = await import('../../examples/paying-agent.js')
  const shop = await asking({ ...ACCEPT, asset: `0x${'22'.repeat(20)}` })
  const agent = payingAgent(buying(shop.url), LOCAL)
  expect(await agent.invoke('buy it')).toMatchObject({
    stopReason: 'interrupt',
    interrupts: [{ reason: { exceptionType: 'PaymentError' } }],
  })
  expect(sessionOf()).toMatchObject({ spent: '0.00' })
})

test('interrupts: what is not set is set, and the agent goes on and pays', async () => {
  const { askUntilPaid } = await import('../../examples/agent-interrupts.js')
  const shop = await merchant()
  const before = local.paymentsService.sessions().length
  const turn = { tools: ['a', 'b'].map((id) => get(`${shop.url}/${id}`, id)) }
  const model = new ScriptedModel(turn)
  const result = await askUntilPaid('buy two', model, LOCAL)
  expect(result.stopReason).toBe('endTurn')
  expect(shop.payments).toHaveLength(2)
  const opened = local.paymentsService.sessions().slice(before)
  expect(opened).toMatchObject([{ userId: 'ada', spent: '0.02', available: '0.08' }])
  expect(model.shown.at(-1)?.match(/goods/g)).toHaveLength(2)
})

test('interrupts: what cannot be mended is declined, and the model is told', async () => {
  const { askUntilPaid } = await import('../../examples/agent-interrupts.js')
  const dear = await asking({ ...ACCEPT, amount: '100001' })
  const model = buying(dear.url)
  const result = await askUntilPaid('buy it', model, LOCAL)
  expect(result.stopReason).toBe('endTurn')
  expect(model.shown.at(-1)).toContain('PAYMENT ERROR: The payment was declined.')
  expect(dear.payments).toEqual([])
})

test('autoPayment off: the model sees the 402, and what its user accepts is paid by hand', async () => {
  const { accept, lookingAgent } = await import('../../examples/agent-auto-payment-off.js')
  const shop = await merchant()
  const { agent, offers } = lookingAgent(buying(shop.url), LOCAL)
  expect((await agent.invoke('what would it cost?')).stopReason).toBe('endTurn')
  expect(answerTo(agent).text).toMatch(/^PAYMENT_REQUIRED: \{"statusCode":402,/)
  expect(sessionOf()).toMatchObject({ spent: '0.00' })
  expect(offers).toMatchObject([{ input: { url: shop.url }, request: { statusCode: 402 } }])
  const [offer] = offers
  if (offer === undefined) throw new Error('no offer')
  const response = await fetch(shop.url, { headers: await accept(offer), redirect: 'error' })
  expect([response.status, await response.text()]).toEqual([200, '{"goods":42}'])
  expect(sessionOf()).toMatchObject({ spent: '0.01' })
})

const MAINNET = {
  ...ACCEPT,
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  extra: { name: 'USD Coin', version: '2' },
}

test('network preferences: of two networks the preferred one is paid on', async () => {
  const { choosyAgent } = await import('../../examples/agent-network-preferences.js')
  const shop = await asking(...[MAINNET, ACCEPT].map((one) => ({ ...one, amount: '5000' })))
  await choosyAgent(buying(shop.url), LOCAL).invoke('buy it')
  await choosyAgent(buying(shop.url), {
    ...LOCAL,
    networkPreferencesConfig: NETWORK_PREFERENCES,
  }).invoke('buy it')
  expect(shop.payments).toMatchObject([
    { accepted: { network: 'eip155:84532' } },
    { accepted: { network: 'eip155:8453' } },
  ])
})

test('network preferences: with test money alone, what takes real money is not paid', async () => {
  const { TEST_MONEY, choosyAgent } = await import('../../examples/agent-network-preferences.js')
  const [real, play] = [await asking(MAINNET), await asking(ACCEPT)]
  const more = { ...LOCAL, limits: { assets: TEST_MONEY }, maxInterruptRetries: 0 }
  const agent = choosyAgent(buying(real.url, play.url), more)
  await agent.invoke('buy both')
  expect(answerTo(agent, 'call-1').text).toMatch(/^PAYMENT ERROR: /)
  expect(answerTo(agent, 'call-2').text).toContain('"goods":42')
})

test('bearer: an agent pays as the user of its token, without credentials of AWS', async () => {
  const asked: string[] = []
  const { url } = await answering((request, response) => {
    asked.push(request.headers.authorization ?? '')
    response.end(JSON.stringify({ access_token: jwt('alice'), expires_in: 3600 }))
  })
  const { paymentManagerArn, paymentConnectorId } = local.paymentsService.addManager('CUSTOM_JWT')
  const manager = new PaymentManager({ paymentManagerArn, bearerToken: jwt('alice') })
  Object.assign(process.env, await wallet(manager, paymentConnectorId))
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env
  Object.assign(process.env, { TOKEN_URL: url, TOKEN_CLIENT_ID: 'id', TOKEN_CLIENT_SECRET: 's' })
  delete process.env['AWS_ACCESS_KEY_ID']
  delete process.env['AWS_SECRET_ACCESS_KEY']
  try {
    const { bearerAgent } = await import('../../examples/agent-bearer.js')
    const shop = await merchant()
    const agent = bearerAgent(buying(shop.url, shop.url), { ...LOCAL, paymentManagerArn })
    await agent.invoke('buy it')
    expect(answerTo(agent).text).toContain('"goods":42')
    expect(shop.payments).toHaveLength(1)
  } finally {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY })
  }
  expect(sessionOf()).toMatchObject({ userId: 'alice', spent: '0.01' })
  expect(asked).toEqual([`Basic ${Buffer.from('id:s').toString('base64')}`])
})

test('bearer: a token is asked for again a minute before it expires', async () => {
  let count = 0
  const { url } = await answering((_, response) => {
    response.end(JSON.stringify({ access_token: `token ${++count}`, expires_in: 300 }))
  })
  process.env['TOKEN_URL'] = url
  const { accessTokens } = await import('../../examples/agent-bearer.js')
  let time = 0
  const token = accessTokens(() => time)
  expect([await token(), await token()]).toEqual(['token 1', 'token 1'])
  time = 239_999
  expect(await token()).toBe('token 1')
  time = 240_000
  expect(await token()).toBe('token 2')
})

test('the tool of the guide is paid for, and stands there as it is in the file', async () => {
  const { quote } = await import('../../examples/paying-tool.js')
  const shop = await merchant()
  process.env['QUOTE_URL'] = shop.url
  const { PAYMENT_INSTRUMENT_ID, PAYMENT_SESSION_ID, PAYMENT_MANAGER_ARN = '' } = process.env
  const plugin = new strands.AgentCorePaymentsPlugin({
    paymentManagerArn: PAYMENT_MANAGER_ARN,
    userId: 'ada',
    paymentInstrumentId: PAYMENT_INSTRUMENT_ID,
    paymentSessionId: PAYMENT_SESSION_ID,
    provideHttpRequest: false,
    postPaymentRetryDelaySeconds: 0,
  })
  const model = new ScriptedModel({
    tools: [{ id: 'call-1', name: 'quote', input: { of: 'gold', headers: null } }],
  })
  const agent = new Agent({ model, tools: [quote], plugins: [plugin], printer: false })
  await agent.invoke('what is gold?')
  expect(answerTo(agent)).toEqual({ status: 'success', text: '{"goods":42}' })
  expect(sessionOf()).toMatchObject({ spent: '0.01' })
  const [file, guide] = await Promise.all(
    ['examples/paying-tool.ts', 'docs/tools-of-your-own.md'].map((file) => readFile(file, 'utf8')),
  )
  const [, code] = /```ts\n(.*?)```/s.exec(guide ?? '') ?? []
  expect(file?.endsWith(code ?? 'no code')).toBe(true)
})

test.each([
  ['paying-agent', 'get_payment_session'],
  ['agent-interrupts', 'http_request'],
  ['agent-auto-payment-off', 'http_request'],
  ['agent-network-preferences', 'http_request'],
  ['agent-bearer', 'http_request'],
])(
  '%s by itself asks a model on Bedrock, which has the tool %s',
  async (example, tool) => {
    const asked: { url: string; body: string }[] = []
    const bedrock = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push({ url: request.url, body })
        response.writeHead(400, { 'x-amzn-errortype': 'ValidationException' }).end('{}')
      })
    })
    await new Promise<void>((resolve) => bedrock.listen(0, '127.0.0.1', resolve))
    const { port } = bedrock.address() as AddressInfo
    const env = { ...process.env, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `http://127.0.0.1:${port}` }
    const command = ['.config/run-ts.mjs', `examples/${example}.ts`, 'https://shop.example/quote']
    await expect(run(process.execPath, command, { env, timeout: 20_000 })).rejects.toMatchObject({
      code: 1,
    })
    await new Promise((resolve) => bedrock.close(resolve))
    expect(asked).toHaveLength(1)
    expect(asked[0]?.url).toMatch(/^\/model\/[^/]+\/converse-stream$/)
    expect(asked[0]?.body).toContain('https://shop.example/quote')
    expect(asked[0]?.body).toContain(`"name":"${tool}"`)
  },
  30_000,
)
