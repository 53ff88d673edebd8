import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { awsEnvironment, buyerEnvironment, environment } from '../../../src/local/environment.js'
import type { Local } from '../../../src/local/index.js'
import { built } from '../../support/built.js'
import { paymentUser } from '../../support/payment-user.js'
import { stack } from '../../support/seller.js'
import { startMcpServer } from '../../local/support/mcp-server.js'
import { started } from '../../local/support/gateway.js'
import { cli } from '../support/buyer.js'

let local: Local
let folder: string
let url: string
beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-call-'))
  local = await stack({ folder: path.join(folder, '.agentcore-x402') })
  url = `${local.url}/mcp`
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const HELLO = ['Greeter___hello', '{"name":"Ada"}']
const key = (): Record<string, string> => ({
  X402_BUYER_KEY: buyerEnvironment(local)['X402_BUYER_KEY'] ?? '',
})
const subscriber = (): Record<string, string> => {
  const { NVM_SUBSCRIBER_API_KEY = '', NVM_BACKEND_URL = '' } = environment(local)
  return { NVM_SUBSCRIBER_API_KEY, NVM_BACKEND_URL }
}
const paid = (): number => local.x402.settlements.length

test('without a payment the price is shown, who could pay it, and nothing is paid', async () => {
  const { code, stdout, stderr } = await cli(['call', url, ...HELLO], { ...key() })
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
  expect(stderr).toMatch(
    /^no {6}1 credit of the plan '\d+…\d+': a private key pays no credits of plans$/m,
  )
  expect(stderr).toMatch(/^price {3}\$0\.01 by exact on base-sepolia: paid by 0x\w{40}, the key/m)
  expect(stderr).toMatch(/a payment is asked for: add --pay and --max .* Nothing was paid\n$/)
  expect([local.balance(), paid()]).toEqual([100n, 0])
})

test('a key of the environment pays in money, and the receipt is shown', async () => {
  const before = paid()
  const ended = await cli(['call', url, ...HELLO, '--pay', '--max', '$0.05'], key())
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 0, stdout: 'Hello, Ada!\n' })
  expect(ended.stderr).toMatch(
    /^paid {8}\$0\.01\nnetwork {5}eip155:84532\npayer {7}0x\w{40}\ntransaction {1}0x\w{64}$/m,
  )
  expect(paid()).toBe(before + 1)
  expect(ended.stdout + ended.stderr).not.toContain(key()['X402_BUYER_KEY']?.slice(2))
})

test('a subscriber pays in credits, and the key is printed nowhere', async () => {
  const before = local.balance()
  const env = subscriber()
  const ended = await cli(['call', url, 'hello', '--pay', '--max-credits', '2', '--json'], env)
  const { price, paid, receipt, answer } = JSON.parse(ended.stdout) as Record<string, object>
  expect({ code: ended.code, price, paid }).toEqual({ code: 0, price: '1 credit', paid: 'yes' })
  expect(receipt).toMatchObject({ amount: '1', remainingBalance: String(before - 1n) })
  expect(answer).toMatchObject({ content: [{ text: 'Hello, world!' }] })
  expect(local.balance()).toBe(before - 1n)
  expect(ended.stdout + ended.stderr).not.toContain(env['NVM_SUBSCRIBER_API_KEY'])
})

test('the folder of the local stack has wallets for its own machine', async () => {
  const args = ['call', url, 'hello', '--pay', '--max-credits', '1']
  const { code, stdout, stderr } = await cli([...args, '--wallet', 'local'], {}, { cwd: folder })
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello, world!\n' })
  expect(stderr).toMatch(/paid by the subscriber 0x/)
})

test('a file with variables is read, and AgentCore payments pays', async () => {
  const { settings, ids } = await paymentUser(local)
  const variables = {
    ...awsEnvironment(local),
    PAYMENT_MANAGER_ARN: settings.paymentManagerArn,
    PAYMENT_USER_ID: settings.userId,
    PAYMENT_INSTRUMENT_ID: ids.paymentInstrumentId,
    PAYMENT_SESSION_ID: ids.paymentSessionId,
  }
  const file = path.join(folder, 'agent.env')
  await writeFile(
    file,
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  const args = ['call', url, 'hello', '--pay', '--max', '0.02', '--env-file', file]
  const { code, stdout, stderr } = await cli(args)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello, world!\n' })
  expect(stderr).toMatch(/paid by AgentCore payments, instrument payment-instrument-/)
})

test('more than the limit is not paid, and both amounts are said', async () => {
  const before = paid()
  const { code, stderr } = await cli(['call', url, 'hello', '--pay', '--max', '0.005'], key())
  expect(code).toBe(4)
  expect(stderr).toMatch(/\$0\.01: it is more than --max \$0\.005\. Nothing was paid\n$/)
  expect(paid()).toBe(before)
})

test('a settlement that nobody knows the outcome of ends with 5, and says not to pay again', async () => {
  local.x402.faults.add({ kind: 'lost-answer', route: 'settle', times: 20 })
  const { code, stdout, stderr } = await cli(
    ['call', url, 'hello', '--pay', '--max', '0.05'],
    key(),
  )
  local.x402.faults.clear()
  expect({ code, stdout }).toEqual({ code: 5, stdout: expect.any(String) })
  expect(stderr).toMatch(/outcome of the payment is unknown: do not pay again/)
  expect(stderr).not.toMatch(/[Nn]othing was paid|not charged/)
})

test('credits that are refused end with 1, and a refused signature with 5: it can still be settled', async () => {
  const before = local.balance()
  local.faults.add({ kind: 'refuse', route: 'verify', reason: 'BCK.X402.0005' })
  const credits = ['--pay', '--max-credits', '1']
  const refused = await cli(['call', url, 'hello', ...credits], subscriber())
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/took nothing\n$/)
  expect(local.balance()).toBe(before)
  local.x402.faults.add({ kind: 'refuse', route: 'verify' })
  const signed = await cli(['call', url, 'hello', '--pay', '--max', '0.05'], key())
  expect(signed.code).toBe(5)
  expect(signed.stderr).toMatch(/can be settled until it expires/)
})

test('a tool that is not there ends with 3, and the nearest is named', async () => {
  const { code, stderr } = await cli(['call', url, 'helo', '--pay', '--max', '1'], key())
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr:
      'agentcore-x402: there is no tool helo; did you mean hello? The server lists: x_amz_bedrock_agentcore_search, Greeter___hello\n',
  })
})

test('without a tool, the tools are listed', async () => {
  const { code, stdout } = await cli(['call', url])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Greeter___hello {2,}Greets you by name/m)
})

test.each([
  [['{city: 1}'], /^agentcore-x402: \[arguments\] expects a JSON object: .*JSON.*\n$/],
  [['[1]'], /expects a JSON object, e\.g\./],
  [['{}', '--pay'], /--pay needs a limit: --max '\$0\.05'/],
  [['{}', '--max', '0.05'], /need --pay/],
  [['{}', '--pay', '--max', 'five'], /--max expects dollars/],
  [
    ['{}', '--pay', '--max', '1', '--wallet', 'agentcore'],
    /--wallet agentcore needs PAYMENT_MANAGER_ARN/,
  ],
  [['{}', '--wallet', 'paypal'], /Allowed choices are agentcore, key, nevermined, local/],
  [['{}', '--header', 'bearer'], /--header expects 'name: value'/],
  [['{}', '--key', '0x1'], /--key does not exist, .* variable X402_BUYER_KEY/],
  [['{}', '--private-key=0x1'], /--private-key does not exist/],
  [['{}', '--pay', '--allow-unstated-price', '--max', '1'], /needs --max-credits/],
])('the arguments %j are refused before anything is called', async (args, message) => {
  const { code, stdout, stderr } = await cli(['call', url, 'hello', ...args])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
})

test('a key that cannot be one is refused, and not shown', async () => {
  const { code, stderr } = await cli(['call', url, 'hello'], { X402_BUYER_KEY: '0xsecret' })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'agentcore-x402: X402_BUYER_KEY expects a private key: 0x and 64 hexadecimal digits\n',
  })
})

describe('servers of the official SDK', () => {
  test.each([
    ['streams', {}],
    ['JSON', { json: true }],
    ['no sessions', { stateless: true }],
  ])('with %s are called', async (_, options) => {
    const server = started.add(await startMcpServer(options))
    const { code, stdout } = await cli(['call', server.url, 'echo', '{"say":"Hi"}'])
    expect(code).toBe(0)
    expect(stdout).toContain('Hi')
    expect(server.sessions()).toEqual([])
  })

  test('headers are sent, and what is no MCP server is named', async () => {
    const server = started.add(await startMcpServer())
    await cli(['call', server.url, '-H', 'authorization: Bearer secret-token'])
    expect(server.requests.at(-1)?.headers['authorization']).toBe('Bearer secret-token')
    const page = await cli(['call', `${local.url}/nothing`, 'hello'])
    expect(page).toEqual({
      code: 1,
      stdout: '',
      stderr: `agentcore-x402: ${local.url}/nothing is no MCP endpoint (HTTP 404)\n`,
    })
    const { code, stderr } = await cli(['call', 'http://127.0.0.1:1/mcp', 'hello'])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /cannot be called: bad port \(does the server run\?\)\. Nothing was paid\n$/,
    )
  })
})
