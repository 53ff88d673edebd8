import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { PaymentManager } from '../../src/agentcore/index.js'
import { createTransport } from '../../src/http/transport.js'
import { HTTPFacilitatorClient } from '../../src/index.js'
import { comesFromHere } from '../../src/local/http/loopback.js'
import { isLoopback } from '../../src/wire/loopback.js'

const HERE = [
  'localhost',
  'shop.localhost',
  'a-b.shop_1.localhost',
  '127.0.0.1',
  '127.0.0.0',
  '127.8.9.1',
  '127.255.255.255',
  '[::1]',
  '[::ffff:7f00:1]',
  '[::ffff:7fff:ffff]',
]
const ELSEWHERE = [
  '0.0.0.0',
  '[::]',
  '10.0.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '169.254.169.254',
  '[::2]',
  '[::7f00:1]',
  '[::ffff:8000:1]',
  '[::ffff:7:1]',
  '[fe80::1]',
  'localhost.',
  'localhost.example.com',
  '1localhost',
  'my-localhost',
  'x..localhost',
  '127.0.0.1.nip.io',
  '127.example.com',
  'example.com',
]
const verdicts = [
  ...HERE.map((host): [string, boolean] => [host, true]),
  ...ELSEWHERE.map((host): [string, boolean] => [host, false]),
]

test.each(verdicts)('%s is this machine: %s', (host, isHere) => {
  expect(isLoopback(host)).toBe(isHere)
})

test.each(['::1', '::ffff:127.0.0.1', '[::ffff:127.0.0.1]'])(
  '%s is, as no URL writes it',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)

test.each([
  ...['127.1', '0x7f000001', '2130706433', '0177.0.0.1', 'LOCALHOST', 'Shop.LocalHost'],
  ...['[0:0:0:0:0:0:0:1]', '[::FFFF:127.0.0.1]'],
])('%s is, once a URL has written it in full', (host) => {
  expect(isLoopback(new URL(`http://${host}`).hostname)).toBe(true)
})

test.each([
  ...['', '127', '127.1', '127.0.0.256', '127.0.0.1.', '127.0.0.1:80', ' 127.0.0.1', '.localhost'],
  ...['::ffff:7f00', '::ffff:10.0.0.1', '[localhost]', 'localhost\n', '[::1', '::1%lo'],
])('%j is none, since a URL never writes it so', (host) => {
  expect(isLoopback(host)).toBe(false)
})

const paymentManagerArn =
  'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'

/** Who asks whether a host is this machine, and what each makes of it. */
const doors: [string, (host: string) => boolean][] = [
  [
    'a facilitator may be called over http',
    (host) => succeeds(() => new HTTPFacilitatorClient({ url: `http://${host}:1` })),
  ],
  [
    'a bearer token may be sent over http',
    (host) => {
      const options = { paymentManagerArn, bearerToken: 'abc', endpoint: `http://${host}:1` }
      return succeeds(() => new PaymentManager(options))
    },
  ],
  ['the local stack answers to it as Host', (host) => comesFromHere(asked({ host: `${host}:1` }))],
  [
    'the local stack answers to it as Origin',
    (host) => comesFromHere(asked({ host: 'localhost', origin: `http://${host}:1` })),
  ],
]

test.each(doors)('%s where all others agree', (_, takes) => {
  const said = verdicts.map(([host]): [string, boolean] => [host, takes(host)])
  expect(said).toEqual(verdicts.filter(([host]) => URL.canParse(`http://${host}:1`)))
})

test.each([
  ['localhost', 0],
  ['[::ffff:7f00:1]', 0],
  ['127.9.9.9', 0],
  ['example.com', 1],
  ['0.0.0.0', 1],
])('a proxy is asked for %s: %d times', async (host, times) => {
  const proxy = await proxied()
  const transport = createTransport(new URL(`http://${host}:9`), Date.now)
  const request = { url: `http://${host}:9/`, method: 'GET', headers: {}, body: undefined }
  await transport.send({ ...request, repeatable: true, timeoutMs: 2000 })
  expect(proxy.asked()).toBe(times)
})

const { http_proxy: before } = process.env
const closing: (() => unknown)[] = []

afterEach(() => {
  if (before === undefined) Reflect.deleteProperty(process.env, 'http_proxy')
  else process.env['http_proxy'] = before
  for (const close of closing.splice(0)) close()
})

async function proxied() {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  process.env['http_proxy'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { asked: () => asked }
}

function asked(headers: Record<string, string>) {
  return { headers } as unknown as IncomingMessage
}

function succeeds(make: () => unknown): boolean {
  try {
    make()
    return true
  } catch {
    return false
  }
}
