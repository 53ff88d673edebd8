import dns from 'node:dns'
import { afterEach, expect, test } from '@jest/globals'
import { isPrivateAddress } from '../../src/strands/http-request/private-addresses.js'
import { ask, server } from './support/http.js'

const PRIVATE = 'Request failed: the host is private, see allowPrivateHosts'

test.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0'])(
  'this machine is not reached as %s',
  async (host) => {
    const { url, asked } = await server()
    const here = url.replace('127.0.0.1', host)
    const { status, answer } = await ask({ url: here }, {})
    expect(status).toBe('error')
    expect(answer).toEqual({ statusCode: 0, error: PRIVATE, url: here })
    expect(asked()).toBe(0)
  },
)

const realLookup = dns.lookup
afterEach(() => {
  dns.lookup = realLookup
})

/** A name server that gives each of these in turn. */
function resolving(...answers: string[][]): () => number {
  let count = 0
  const lookup = (...args: unknown[]) => {
    const addresses = answers[count] ?? answers.at(-1) ?? []
    count += 1
    const callback = args.at(-1) as (error: null, found: object[]) => void
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  dns.lookup = lookup as typeof dns.lookup
  return () => count
}

test.each([[['10.0.0.1']], [['169.254.169.254']], [['9.9.9.9', '127.0.0.1']], [['fd00:ec2::254']]])(
  'a name that leads to %j is refused',
  async (addresses) => {
    resolving(addresses)
    const { answer } = await ask({ url: 'http://shop.example/' }, {})
    expect(answer.error).toBe(PRIVATE)
  },
)

test('a name that leads elsewhere the second time is looked up once', async () => {
  const { url, asked } = await server()
  const count = resolving(['192.0.78.250'], ['127.0.0.1'])
  const rebound = url.replace('127.0.0.1', 'shop.example')
  const { answer } = await ask({ url: rebound }, { timeoutMs: 200 })
  expect(answer.statusCode).toBe(0)
  expect(answer.error).not.toBe(PRIVATE)
  expect(count()).toBe(1)
  expect(asked()).toBe(0)
})

test.each([
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.100.100.200', '127.9.9.9', '168.63.129.16'],
  ...['169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.255', '192.0.0.192'],
  ...['192.168.1.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:a00:1', '64:ff9b::7f00:1'],
  ...[
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::1',
    '64:ff9b:1::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
  ],
  ...['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1'],
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each([
  ...['1.1.1.1', '9.9.9.9', '172.15.0.1', '172.32.0.1', '100.128.0.1', '193.0.0.1', '223.255.0.1'],
  ...['2606:4700::1111', '2a00:1450::1', '64:ff9b::101:101', '::ffff:1.1.1.1'],
])('%s is public', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})
