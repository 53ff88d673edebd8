import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { privateKeyToAddress } from 'viem/accounts'
import { payingMcp, receiptOf } from '../../src/client/index.js'
import { Payments } from '../../src/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { built, run } from '../support/built.js'
import { started } from '../local/support/gateway.js'
import { startMcpServer } from '../local/support/mcp-server.js'

const CLI = path.resolve('dist/cli.js')

let folder: string
beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-cli-'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const children: ChildProcessWithoutNullStreams[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts `agentcore-x402 local` on a free port and waits until it has said everything. */
async function start(...args: string[]) {
  const cwd = await mkdtemp(path.join(folder, 'work-'))
  const child = spawn(process.execPath, [CLI, 'local', '--port', '0', ...args], { cwd })
  children.push(child)
  let text = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk)
    if (text.includes('Every call prints a line here:')) break
  }
  const variable = (name: string) =>
    new RegExp(`^export ${name}='(.+)'$`, 'm').exec(text)?.[1] ?? ''
  const [unpaid = '', paid = '', inMoney = ''] = text.match(/^curl .*$/gm) ?? []
  const mcp = /^# MCP clients connect to (.*)$/m.exec(text)?.[1] ?? ''
  return { child, text, variable, unpaid, paid, inMoney, mcp }
}

/** Runs a printed line alone, as a person would in another terminal, and takes its answer apart. */
async function inShell(line: string) {
  const { stdout } = await run('bash', ['-c', line], { env: { PATH: process.env['PATH'] } })
  const [head = '', body = ''] = stdout.split('\r\n\r\n')
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  const { result } = JSON.parse(body) as { result: { content: { text: string }[] } }
  return { status: head.split('\r\n')[0], header, texts: result.content.map(({ text }) => text) }
}

/** What the command leaves when it ends by itself. */
async function failureOf(...args: string[]) {
  const ended = run(process.execPath, [CLI, ...args], { cwd: folder, timeout: 10_000 })
  const { code, killed, stdout, stderr } = (await ended.catch((error: unknown) => error)) as {
    code?: number
    killed?: boolean
    stdout: string
    stderr: string
  }
  return { code, killed, stdout, stderr }
}

test('it prints what official clients and examples read from the environment', async () => {
  const { variable } = await start()
  const payments = Payments.getInstance({
    nvmApiKey: variable('NVM_SUBSCRIBER_API_KEY'),
    backendUrl: variable('NVM_BACKEND_URL'),
  })
  expect(variable('NVM_BACKEND_URL')).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(variable('NVM_API_KEY')).toMatch(/^local:/)
  const { balance } = await payments.plans.getPlanBalance(variable('NVM_PLAN_ID'))
  expect(balance).toBe('100')
})

test('the first printed line is answered with a challenge', async () => {
  const { unpaid, variable } = await start()
  const { status, header, texts } = await inShell(unpaid)
  expect(status).toBe('HTTP/1.1 200 OK')
  expect(decodeHeader(header('payment-required'))).toMatchObject({
    x402Version: 2,
    accepts: [
      { planId: variable('NVM_PLAN_ID') },
      { scheme: 'exact', amount: '10000', payTo: variable('PAY_TO') },
    ],
  })
  expect(texts.join('\n')).not.toContain('Hello')
})

test('the second printed line is answered with the result and its receipt', async () => {
  const { paid } = await start('--credits', '7')
  const { status, header, texts } = await inShell(paid)
  expect(status).toBe('HTTP/1.1 200 OK')
  expect(texts).toEqual(['Hello, Ada!'])
  expect(decodeHeader(header('payment-response'))).toMatchObject({
    success: true,
    creditsRedeemed: '1',
    remainingBalance: '6',
  })
})

test('the third printed line pays a cent in USDC, and another one if it runs again', async () => {
  const { inMoney, variable, text } = await start('--ledger')
  expect(text).toContain('# paid with $0.01 in USDC: result and receipt')
  const receipts: unknown[] = []
  while (receipts.length < 2) {
    const { status, header, texts } = await inShell(inMoney)
    expect([status, texts]).toEqual(['HTTP/1.1 200 OK', ['Hello, Ada!']])
    receipts.push(decodeHeader(header('payment-response')))
    expect(receipts.at(-1)).toMatchObject({
      success: true,
      amount: '10000',
      payer: variable('X402_BUYER_ADDRESS'),
    })
  }
  const transactions = receipts.map((one) => (one as { transaction: string }).transaction)
  expect(new Set(transactions).size).toBe(2)
})

test('a module of the user is sold, loaded once its environment is set', async () => {
  const file = path.join(folder, 'handler.mjs')
  await writeFile(
    file,
    `const { NVM_BACKEND_URL, X402_FACILITATOR_URL, PAY_TO, NVM_PLAN_ID } = process.env
     export const handler = async (event) => {
       const { body } = event.mcp.gatewayRequest
       const content = [{ type: 'text', text: [NVM_BACKEND_URL, X402_FACILITATOR_URL, PAY_TO, NVM_PLAN_ID, body.params.name].join(' ') }]
       const answer = { jsonrpc: '2.0', id: body.id, result: { content } }
       return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse: { body: answer } } }
     }
     export const tools = [{ name: 'shout', description: 'Shouts', inputSchema: { type: 'object' } }]`,
  )
  const { unpaid, variable, inMoney } = await start('--handler', file)
  const { texts } = await inShell(unpaid)
  expect(inMoney).toBe('')
  const names = ['NVM_BACKEND_URL', 'X402_FACILITATOR_URL', 'PAY_TO', 'NVM_PLAN_ID']
  expect(texts).toEqual([[...names.map(variable), 'Greeter___shout'].join(' ')])
})

test('the tools that a module declares are listed', async () => {
  const file = path.join(folder, 'tools.mjs')
  await writeFile(
    file,
    `export const handler = async () => ({ interceptorOutputVersion: '1.0', mcp: {} })
     export const tools = [{ name: 'shout', description: 'Shouts', inputSchema: { type: 'object' } }]`,
  )
  const { mcp } = await start('--handler', file)
  const client = await started.client(mcp)
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('Greeter___shout')
})

test('an MCP server is sold as it is, every tool for one credit a call', async () => {
  const server = started.add(await startMcpServer())
  const { mcp, variable, text } = await start('--target', server.url)
  expect(text).toContain('"name":"Target___echo"')
  const client = await started.client(mcp)
  const call = { name: 'Target___echo', arguments: { say: 'gold' } }
  expect(await client.callTool(call)).toMatchObject({ isError: true })
  const payments = Payments.getInstance({
    nvmApiKey: variable('NVM_SUBSCRIBER_API_KEY'),
    backendUrl: variable('NVM_BACKEND_URL'),
  })
  const credits = { maxAmountPerPayment: 1n, total: 1n }
  const paying = payingMcp(client, payments, { plans: [variable('NVM_PLAN_ID')], credits })
  const paid = await paying.callTool(call)
  expect(paid.content).toEqual([{ type: 'text', text: 'gold' }])
  expect(receiptOf(paid)).toMatchObject({ paid: 'yes', amount: '1', remainingBalance: '99' })
})

test("a user's own interceptor stands before it", async () => {
  const server = started.add(await startMcpServer())
  const file = path.join(folder, 'interceptor.mjs')
  await writeFile(
    file,
    `export const handler = async ({ mcp: { gatewayRequest: { body } } }) => {
       const answer = { jsonrpc: '2.0', id: body.id, result: { content: [{ type: 'text', text: process.env.NVM_PLAN_ID }] } }
       const mcp = body.method === 'tools/call' ? { transformedGatewayResponse: { statusCode: 200, body: answer } } : {}
       return { interceptorOutputVersion: '1.0', mcp }
     }`,
  )
  const { mcp, variable } = await start('--target', server.url, '--interceptor', file)
  const client = await started.client(mcp)
  const { content } = await client.callTool({ name: 'Target___echo', arguments: {} })
  expect(content).toEqual([{ type: 'text', text: variable('NVM_PLAN_ID') }])
})

test('--delay-ms delays the answers of the facilitator', async () => {
  const { variable } = await start('--delay-ms', '200')
  const before = performance.now()
  await fetch(`${variable('NVM_BACKEND_URL')}/api/v1/meta/versions`)
  expect(performance.now() - before).toBeGreaterThan(190)
})

test('standard x402 sellers find their facilitator, and a buyer with money', async () => {
  const { text, variable } = await start('--ledger')
  expect(text).toContain(
    '# Standard x402 sellers settle here: the schemes exact and upto, on a ledger and no chain',
  )
  const facilitator = variable('X402_FACILITATOR_URL')
  expect(facilitator).toBe(`${variable('NVM_BACKEND_URL')}/facilitator`)
  const { kinds } = (await (await fetch(`${facilitator}/supported`)).json()) as { kinds: unknown[] }
  expect(kinds).toHaveLength(3)
  expect(privateKeyToAddress(variable('X402_BUYER_KEY') as `0x${string}`)).toBe(
    variable('X402_BUYER_ADDRESS'),
  )
  expect(text).toMatch(/test key that anvil publishes: worthless elsewhere/)
})

test('where no anvil starts, a ledger is in its place', async () => {
  const { text } = await start()
  const where = process.env['PATH']?.split(path.delimiter) ?? []
  const hasAnvil = where.some((one) => existsSync(path.join(one, 'anvil')))
  expect(text.includes('on a ledger and no chain')).toBe(!hasAnvil)
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it well and frees the port', async (signal) => {
  const { child, variable } = await start()
  const url = variable('NVM_BACKEND_URL')
  await fetch(`${url}/api/v1/meta/versions`) // leaves a kept-alive connection behind
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([0, null])
  const server = createServer().listen(Number(new URL(url).port), '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

test('a port in use is named in one line', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const failure = await failureOf('local', '--port', String(port))
  server.close()
  expect(failure).toEqual({
    code: 2,
    killed: false,
    stdout: '',
    stderr: `agentcore-x402: port ${port} is in use; choose another with --port\n`,
  })
})

test.each<[string, string[], RegExp]>([
  ['an unknown command', ['sandbox'], /unknown command 'sandbox'; see agentcore-x402 --help/],
  ['an unknown command beside flags', ['sandbox', '--port', '0'], /unknown command 'sandbox'/],
  ['a command with a typo', ['locla'], /unknown command 'locla' \(Did you mean local\?\)/],
  ['flags without a command', ['--port', '0'], /unknown option '--port'/],
  ['something after the command', ['local', 'handler.mjs', '--port', '0'], /handler\.mjs/],
  ['an unknown flag', ['local', '--prot', '0'], /--prot/],
  ['a flag without its value', ['local', '--port'], /--port/],
  ['a port that is no number', ['local', '--port', '80x'], /--port expects a whole number/],
  ['a port out of range', ['local', '--port', '65536'], /--port expects a whole number/],
  ['a negative delay', ['local', '--delay-ms=-1'], /--delay-ms expects a whole number/],
  ['a ledger with a value', ['local', '--ledger=yes'], /--ledger/],
  ['fractional credits', ['local', '--credits', '1.5'], /--credits expects a whole number/],
  ['a target that is no URL', ['local', '--port', '0', '--target', 'mcp'], /targets/],
  [
    'two ways to sell',
    ['local', '--handler', 'a.mjs', '--target', 'http://127.0.0.1/'],
    /--handler/,
  ],
  [
    'a missing interceptor',
    ['local', '--port', '0', '--interceptor', 'none.mjs'],
    /none\.mjs, given for --interceptor/,
  ],
  [
    'a missing module',
    ['local', '--port', '0', '--handler', 'none.mjs'],
    /none\.mjs, given for --handler/,
  ],
])('%s ends it with one clear line', async (_, args, line) => {
  const { code, killed, stdout, stderr } = await failureOf(...args)
  expect(stderr).toMatch(line)
  expect(stderr).toMatch(/^agentcore-x402: [^\n]+\n$/)
  expect({ code, killed, stdout }).toEqual({ code: 2, killed: false, stdout: '' })
})

test.each([
  [
    'throws when it loads',
    `throw new Error('no database')`,
    /cannot load .*broken\.mjs, given for --handler: Error: no database/,
  ],
  ['does not parse', `export const`, /cannot load .*: SyntaxError/],
  ['exports no handler', `export default () => 'Hello!'`, /has no export "handler"/],
  ['exports no function', `export const handler = 7`, /has no export "handler"/],
])('a module that %s ends it with one clear line', async (_, source, line) => {
  const file = path.join(folder, 'broken.mjs')
  await writeFile(file, source)
  const { code, killed, stderr } = await failureOf('local', '--port', '0', '--handler', file)
  expect(stderr).toMatch(line)
  expect(stderr).toMatch(/^agentcore-x402: [^\n]+\n$/)
  expect({ code, killed }).toEqual({ code: 2, killed: false })
})
