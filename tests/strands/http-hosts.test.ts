import dns from 'node:dns'
import { afterEach, expect, test } from '@jest/globals'
import { isPrivateAddress } from '../../src/strands/http-request/private-addresses.js'
import { ask, server } from './support/http.js'

const PRIVATE = 'Request failed: the host is private; only allowPrivateHosts would allow it'

test.each([
  ...['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0', '127.0.0.1.'],
  ...['[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b:1::7f00:1]', '[::127.0.0.1]'],
  ...['[2002:7f00:1::]', '[2001:0:7f00:1::]', '[::1]', '0177.1', '127.1', '[::ffff:0:7f00:1]'],
])('this machine is not reached as %s', async (host) => {
  const { url, asked } = await server()
  const here = url.replace('127.0.0.1', host)
  const { status, answer } = await ask({ url: here }, {})
  expect(status).toBe('error')
  expect(answer).toEqual({ statusCode: 0, error: PRIVATE, url: here })
  expect(asked()).toBe(0)
})

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

test.each([
  [['10.0.0.1']],
  [['169.254.169.254']],
  [['9.9.9.9', '127.0.0.1']],
  [['fd00:ec2::254']],
  [['64:ff9b::10.0.0.1']],
  [['::ffff:0:10.0.0.1']],
  [['fe80::1%eth0']],
])('a name that leads to %j is refused', async (addresses) => {
  resolving(addresses)
  const { answer } = await ask({ url: 'http://shop.example/' }, {})
  expect(answer.error).toBe(PRIVATE)
})

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
  // an IPv4 address inside one of IPv6, in every notation
  ...['::ffff:0:10.0.0.1', '::ffff:0:a00:1', '0:0:0:0:ffff:0:10.0.0.1', '::FFFF:0:169.254.169.254'],
  ...['64:ff9b::10.0.0.1', '64:FF9B::127.0.0.1', '0064:ff9b:0:0:0:0:192.168.0.1', '64:ff9b::'],
  ...['64:ff9b:1::10.0.0.1', '64:ff9b:1:ffff::1.1.1.1', '::10.0.0.1', '::169.254.169.254'],
  ...['::ffff:169.254.169.254', '0:0:0:0:0:ffff:10.0.0.1', '::ffff:0:1', '::FFFF:7F00:1'],
  ...['2002:a00:1::1', '2002:c0a8:101::', '2001:0:a00:1::1', '2001:0000:4136:e378:8000:63bf::'],
  ...['::ffff:0:1.1.1.1', '200::1', '400::1', '4000::1', '100:0:0:1::1', '2001:10::1', '3fff::1'],
  // with a zone, in brackets, and as C writes numbers
  ...['fe80::1%eth0', '::1%lo', '[::1]', '[64:ff9b::10.0.0.1]', '0177.0.0.1', '0x7f.1', '10.1'],
  ...['2852039166', '0xa9fea9fe', '127.0.0.1.', '192.168.257', '00000012.0.0.1'],
  // documentation, benchmarks, former class E, IETF's own, carrier's NAT
  ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.19.255.255', '255.1.1.1', '192.0.0.1'],
  ...['100.127.255.255', '239.1.1.1', '192.88.99.1', 'ff0e::1', 'fdff::1', 'febf::1', 'feff::1'],
  // none at all
  ...['', 'shop.example', '1.1.1.1.1', '::g', '256.1.1.1', '1.1.1.1/8', 'a@1.1.1.1', '1:2'],
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each([
  ...['1.1.1.1', '9.9.9.9', '172.15.0.1', '172.32.0.1', '100.128.0.1', '193.0.0.1', '223.255.0.1'],
  ...['2606:4700::1111', '2a00:1450::1', '64:ff9b::101:101', '::ffff:1.1.1.1'],
  ...['64:ff9b::1.1.1.1', '[2606:4700::1111]', '::FFFF:101:101', '2001:4860:4860::8888'],
  ...['198.17.255.255', '198.20.0.1', '100.63.255.255', '169.253.255.255', '0x01010101'],
])('%s is public', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})
