import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { awsEnvironment, environment } from '../../../src/local/environment.js'
import type { Local } from '../../../src/local/index.js'
import { built } from '../../support/built.js'
import { paymentUser } from '../../support/payment-user.js'
import { stack } from '../../support/seller.js'
import { asking, server } from '../support/asking-server.js'
import { inPseudoTerminal } from '../support/asked.js'
import { cli } from '../support/buyer.js'
import { whyNoTerminal } from '../support/terminal.js'

let local: Local
let url: string
let folder: string
beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-wallets-'))
  local = await stack({ folder: path.join(folder, '.agentcore-x402') })
  url = `${local.url}/mcp`
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const pay = ['--pay', '--max', '0.05']
const key = () => local.x402.buyer.privateKey

test('a key goes by the name EVM_PRIVATE_KEY, too', async () => {
  const { code, stdout } = await cli(['call', url, 'hello', ...pay], { EVM_PRIVATE_KEY: key() })
  expect([code, stdout]).toEqual([0, 'Hello, world!\n'])
})

test('the arguments come from the standard input', async () => {
  const stdin = '{"name":"Ada"}'
  const { code, stdout } = await cli(
    ['call', url, 'hello', '-', ...pay],
    { X402_BUYER_KEY: key() },
    { stdin },
  )
  expect([code, stdout]).toEqual([0, 'Hello, Ada!\n'])
})

test('a wallet of AgentCore payments that gives no answer in time may have been charged', async () => {
  const { settings, ids } = await paymentUser(local)
  const variables = {
    ...awsEnvironment(local),
    PAYMENT_MANAGER_ARN: settings.paymentManagerArn,
    PAYMENT_USER_ID: settings.userId,
    PAYMENT_INSTRUMENT_ID: ids.paymentInstrumentId,
    PAYMENT_SESSION_ID: ids.paymentSessionId,
  }
  local.paymentsService.faults.add({ kind: 'lost-answer', operation: 'ProcessPayment', times: 9 })
  const { code, stderr } = await cli(['call', url, 'hello', ...pay], variables)
  local.paymentsService.faults.clear()
  expect(code).toBe(5)
  expect(stderr).not.toMatch(/[Nn]othing was paid|not charged/)
})

test('credits whose number is not said need a flag of their own', async () => {
  const { NVM_SUBSCRIBER_API_KEY = '', NVM_BACKEND_URL = '' } = environment(local)
  const plan = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId }
  const seller = await server((response, { headers }) => {
    if (headers['payment-signature'] !== undefined) response.end('sold')
    else response.writeHead(402, { 'payment-required': asking([plan]) }).end('{}')
  })
  const wallet = { NVM_SUBSCRIBER_API_KEY, NVM_BACKEND_URL }
  const args = ['fetch', seller.url, '--pay', '--max-credits', '3']
  const refused = await cli(args, wallet)
  expect([refused.code, seller.payments.length]).toEqual([4, 0])
  expect(refused.stderr).toMatch(/so it needs --allow-unstated-price/)
  const bought = await cli([...args, '--allow-unstated-price'], wallet)
  expect([bought.stdout, seller.payments.length]).toEqual(['sold', 1])
})

const why = whyNoTerminal()
const inTerminal = why === undefined ? describe : describe.skip
inTerminal(`in a terminal${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  test.each([
    ['Ctrl+C', '\u0003', 130],
    ['Ctrl+D', '\u0004', 4],
  ])('%s at the question pays nothing', async (_, keys, code) => {
    const before = local.x402.settlements.length
    const terminal = inPseudoTerminal(['call', url, 'hello', ...pay], { X402_BUYER_KEY: key() })
    await terminal.shows(/Pay \$0\.01\? \[y\/N\] /)
    terminal.type(keys)
    const ended = await terminal.ended()
    expect([ended.code, local.x402.settlements.length]).toEqual([code, before])
    expect(ended.stdout).toMatch(/[Nn]othing was paid/)
  })
})
