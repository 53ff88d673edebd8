import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { HTTPFacilitatorClient } from '../../src/facilitators/http-facilitator-client.js'
import type { HTTPFacilitatorClientOptions } from '../../src/facilitators/http-facilitator-options.js'
import {
  SUPPORTED,
  VALID,
  facilitatorServer,
  reset,
  status,
  type Answering,
} from './support/facilitator-server.js'

const PAYMENT = { x402Version: 2, payload: {} }
const REQUIREMENTS = { scheme: 'exact', network: 'eip155:84532' }

/** A client of a server of its own, with a clock that stands. */
async function clientOf(
  answers: Record<string, Answering> = {},
  options: Partial<HTTPFacilitatorClientOptions> = {},
) {
  const server = await facilitatorServer(answers)
  const clock = { now: 1_000_000 }
  const now = () => clock.now
  const client = new HTTPFacilitatorClient({ url: server.url, now, ...options })
  return { server, client, clock, supported: () => client.getSupported() }
}

test.each(['', '/', '///'])('a base path that ends with "%s" is found', async (slashes) => {
  const server = await facilitatorServer({ '/platform/v2/x402/verify': VALID })
  const url = `${server.url}/platform/v2/x402${slashes}`
  const client = new HTTPFacilitatorClient({ url })
  expect(client.url).toBe(`${server.url}/platform/v2/x402`)
  expect(await client.verify(PAYMENT, REQUIREMENTS)).toEqual(VALID)
})

test.each<[string, unknown]>([
  ['url', undefined],
  ['url', 'facilitator.example'],
  ['url', 'ftp://facilitator.example'],
  ['url', 'http://facilitator.example'],
  ['url', 'http://127.0.0.1.facilitator.example'],
  ['url', 'http://127.facilitator.example'],
  ['url', 'https://key:word@facilitator.example'],
  ['url', 'https://facilitator.example/?key=1'],
  ['url', 'https://facilitator.example/#1'],
  ['createAuthHeaders', { verify: {} }],
  ['supported', { kinds: [{ scheme: 'exact' }] }],
  ['supported', SUPPORTED.kinds],
  ['now', 1],
  ['timeout', 1],
])('the option %s: %j is refused by name', (name, value) => {
  const options = { url: 'https://facilitator.example', [name]: value }
  const make = () => new HTTPFacilitatorClient(options)
  expect(make).toThrow(expect.objectContaining({ name: 'OptionsError', option: name }))
})

test.each(['http://localhost:4020', 'http://[::1]:4020', 'http://127.8.8.8', 'https://a.example'])(
  'the facilitator may be at %s',
  (url) => expect(new HTTPFacilitatorClient({ url }).url).toBe(url),
)

const FIVE_MINUTES = 5 * 60_000
const TEN_SECONDS = 10_000

test('what is supported is asked once in five minutes, and served stale while it is refreshed', async () => {
  const { server, clock, supported } = await clientOf()
  expect(await Promise.all([supported(), supported()])).toEqual([SUPPORTED, SUPPORTED])
  clock.now += FIVE_MINUTES - 1
  expect(await supported()).toEqual(SUPPORTED)
  expect(server.countOf('/supported')).toBe(1)
  const other = { kinds: [] }
  server.answer({ '/supported': other })
  clock.now += 1
  expect(await supported()).toEqual(SUPPORTED)
  await expectEventually(supported, other)
  expect(server.countOf('/supported')).toBe(2)
})

test('an outage of what is supported is remembered for ten seconds', async () => {
  const { server, clock, supported } = await clientOf({ '/supported': status(503) })
  await expect(supported()).rejects.toMatchObject({ code: 'http_503', outcome: 'unknown' })
  server.answer({ '/supported': SUPPORTED })
  clock.now += TEN_SECONDS - 1
  await expect(supported()).rejects.toMatchObject({ code: 'http_503', outcome: 'unknown' })
  expect(server.countOf('/supported')).toBe(1)
  clock.now += 1
  expect(await supported()).toEqual(SUPPORTED)
})

test('an outage leaves what was supported before', async () => {
  const { server, clock, supported } = await clientOf()
  await supported()
  server.answer({ '/supported': reset })
  clock.now += FIVE_MINUTES
  await supported()
  while (server.countOf('/supported') < 2) await sleep(1)
  await sleep(5)
  expect(await supported()).toEqual(SUPPORTED)
})

async function expectEventually(ask: () => Promise<unknown>, expected: unknown): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (JSON.stringify(await ask()) === JSON.stringify(expected)) return
    await sleep(5)
  }
  expect(await ask()).toEqual(expected)
}

test('what is said to be supported is never asked for', async () => {
  const { server, client } = await clientOf({}, { supported: SUPPORTED })
  await client.warm()
  expect(await client.getSupported()).toEqual(SUPPORTED)
  expect(server.connections()).toBe(0)
})

test('a warmed client has its connection, and knows what is supported', async () => {
  const { server, client } = await clientOf()
  await client.warm()
  await client.getSupported()
  await client.verify(PAYMENT, REQUIREMENTS)
  expect([server.connections(), server.countOf('/supported')]).toEqual([1, 1])
})

test.each<[string, Partial<HTTPFacilitatorClientOptions>]>([
  ['the facilitator', {}],
  [
    'the maker of headers',
    { createAuthHeaders: async () => Promise.reject(new Error('no token')) },
  ],
])('an outage of %s does not fail the warming', async (_, options) => {
  const { client } = await clientOf({ '/supported': reset }, options)
  await expect(client.warm()).resolves.toBeUndefined()
})
