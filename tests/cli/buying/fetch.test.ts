import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { HTTPFacilitatorClient, requiresPayment } from '../../../src/index.js'
import { startFunctionUrl, type Local, type LocalFunctionUrl } from '../../../src/local/index.js'
import { built } from '../../support/built.js'
import { stack } from '../../support/seller.js'
import { cli } from '../support/buyer.js'
import { plain, whyNoTerminal } from '../support/terminal.js'
import { inPseudoTerminal } from '../support/asked.js'

let local: Local
let shop: LocalFunctionUrl
let folder: string
beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-fetch-'))
  local = await stack()
  const handler = requiresPayment(answer as never, {
    price: '$0.02',
    payTo: local.sellerAddress,
    network: local.x402.network,
    facilitators: [new HTTPFacilitatorClient({ url: local.x402.url })],
    httpEvents: 'http',
    tools: { 'GET /free': 'free' },
  })
  shop = await startFunctionUrl(handler)
}, 60_000)
afterAll(async () => {
  await shop.close()
  await rm(folder, { recursive: true, force: true })
})

interface HttpEvent {
  rawPath: string
  body?: string
  requestContext: { http: { method: string } }
}

/** Says what it was asked. */
function answer({ rawPath, body, requestContext }: HttpEvent) {
  if (rawPath === '/fails') return { statusCode: 500, body: 'no' }
  if (rawPath === '/steers') return { statusCode: 200, body: 'clear\u001b[2Jall' }
  return { statusCode: 200, body: [requestContext.http.method, rawPath, body ?? ''].join(' ') }
}

const key = (): Record<string, string> => ({ X402_BUYER_KEY: local.x402.buyer.privateKey })
const pay = ['--pay', '--max', '$0.05']

test('a free URL is answered, and a paid one shows its price', async () => {
  expect(await cli(['fetch', `${shop.url}free`])).toEqual({
    code: 0,
    stdout: 'GET /free ',
    stderr: '',
  })
  const { code, stdout, stderr } = await cli(['fetch', `${shop.url}quote`], key())
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
  expect(stderr).toMatch(/^price {3}\$0\.02 by exact on base-sepolia/m)
})

test('a paid URL is bought once, with method, body and header', async () => {
  const before = local.x402.settlements.length
  const request = ['-X', 'put', '-d', 'some text', '-H', 'content-type: text/plain']
  const { code, stdout, stderr } = await cli(
    ['fetch', `${shop.url}notes`, ...request, ...pay],
    key(),
  )
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'PUT /notes some text' })
  expect(stderr).toMatch(/^paid {8}\$0\.02$/m)
  expect(local.x402.settlements).toHaveLength(before + 1)
})

test('the body goes into a file, and status and headers to the standard output', async () => {
  const file = path.join(folder, 'answer.txt')
  const args = ['fetch', `${shop.url}quote`, '-i', '-o', file, ...pay]
  const { code, stdout } = await cli(args, key())
  expect(code).toBe(0)
  expect(stdout).toMatch(/^HTTP 200 OK\n(.+\n)+\n$/)
  expect(await readFile(file, 'utf8')).toBe('GET /quote ')
})

test('programs are told price, receipt and answer, or what it would cost', async () => {
  const bought = await cli(['fetch', `${shop.url}quote`, '--json', ...pay], key())
  expect(JSON.parse(bought.stdout)).toMatchObject({
    ...{ price: '$0.02', paid: 'yes', status: 200, answer: 'GET /quote ' },
    receipt: { amount: '20000', paid: 'yes' },
  })
  const unpaid = await cli(['fetch', `${shop.url}quote`, '--json'])
  expect(unpaid.code).toBe(4)
  expect(JSON.parse(unpaid.stdout)).toMatchObject({ paid: 'no', offers: [{ price: '$0.02' }] })
})

test('work that fails after a payment is not called unpaid', async () => {
  const { code, stderr } = await cli(['fetch', `${shop.url}fails`, ...pay], key())
  expect(code).toBe(5)
  expect(stderr).toMatch(
    /the answer is HTTP 500 \(.*payment id pay_\w{32}, nonce 0x\w{64}\)\. The outcome of the payment is unknown/,
  )
})

describe('a seller that nobody here wrote', () => {
  const offer = {
    scheme: 'exact',
    network: 'eip155:84532',
    amount: '20000',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    maxTimeoutSeconds: 60,
    extra: { name: 'USDC', version: '2' },
  }
  const asked = { x402Version: 2, resource: { url: 'http://127.0.0.1/' }, accepts: [offer] }
  const header = Buffer.from(JSON.stringify(asked)).toString('base64')

  /** Asks for payment, and does this when it comes. */
  async function crook(
    then: 'reset' | 'hang' | '500',
  ): Promise<{ url: string; close: () => void }> {
    const server = createServer((request, response) => {
      if (request.headers['payment-signature'] === undefined) {
        response.writeHead(402, { 'payment-required': header }).end('{}')
      } else if (then === 'reset') request.socket.destroy()
      else if (then === '500') response.writeHead(500).end('oops')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}/`, close: () => server.close().closeAllConnections() }
  }

  test.each(['reset', '500', 'hang'] as const)(
    'that takes the payment and then: %s, is not paid again',
    async (then) => {
      const server = await crook(then)
      const args = ['fetch', server.url, '--timeout-ms', '1500', ...pay]
      const { code, stdout, stderr } = await cli(args, key())
      server.close()
      expect({ code, stdout: stdout === '' || stdout === 'oops' }).toEqual({
        code: 5,
        stdout: true,
      })
      expect(stderr).toMatch(/unknown.*[Dd]o not pay again/)
      expect(stderr).not.toMatch(/[Nn]othing was paid|not charged/)
    },
  )

  test('that is interrupted after the payment says so, and ends with 5', async () => {
    const server = await crook('hang')
    const running = cli(['fetch', server.url, ...pay], key())
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    running.interrupt()
    const { code, stderr } = await running
    server.close()
    expect(code).toBe(5)
    expect(stderr).toMatch(
      /interrupted\. A payment was sent \(nonce 0x\w{64}\), .*do not pay again/,
    )
  })

  test('that asks for another token needs a limit in units', async () => {
    const other = { ...offer, asset: '0x6B175474E89094C44Da98b954EedeAC495271d0F', amount: '7' }
    const text = Buffer.from(JSON.stringify({ ...asked, accepts: [other] })).toString('base64')
    const sent: string[] = []
    const server = createServer(({ headers }, response) => {
      const { 'payment-signature': payment } = headers
      if (payment === undefined)
        return void response.writeHead(402, { 'payment-required': text }).end('{}')
      sent.push(String(payment))
      response.end('sold')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const inDollars = await cli(['fetch', url, ...pay], key())
    expect(inDollars.code).toBe(4)
    expect(inDollars.stderr).toMatch(/worth in dollars is not known here, so it needs --max-units/)
    const tooMuch = await cli(['fetch', url, '--pay', '--max-units', '6'], key())
    expect(tooMuch.code).toBe(4)
    expect(sent).toEqual([])
    const bought = await cli(['fetch', url, '--pay', '--max-units', '7'], key())
    server.close().closeAllConnections()
    expect(bought.stdout).toBe('sold')
    expect(sent).toHaveLength(1)
    expect(bought.stdout + bought.stderr).not.toContain(sent[0])
  })
})

const why = whyNoTerminal()
const inTerminal = why === undefined ? describe : describe.skip
inTerminal(`in a terminal${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  test.each([
    ['y', 0],
    ['n', 4],
    ['', 4],
  ])('the answer %j to the question ends with %d', async (said, code) => {
    const before = local.x402.settlements.length
    const terminal = inPseudoTerminal(['fetch', `${shop.url}quote`, ...pay], key())
    await terminal.shows(/Pay \$0\.02\? \[y\/N\] /)
    terminal.type(`${said}\r`)
    const ended = await terminal.ended()
    expect(ended.code).toBe(code)
    expect(local.x402.settlements).toHaveLength(before + (code === 0 ? 1 : 0))
  })

  test('what a seller wrote cannot steer the terminal', async () => {
    const terminal = inPseudoTerminal(['fetch', `${shop.url}steers`, '--yes', ...pay], key())
    const { code, stdout } = await terminal.ended()
    expect(code).toBe(0)
    expect(stdout).toContain('clear\ufffd[2Jall')
    expect(plain(stdout)).toContain('paid')
  })
})
