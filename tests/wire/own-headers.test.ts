import { expect, test } from '@jest/globals'
import { replayOf } from '../../src/client/http/repeatable-request.js'
import { followRedirects } from '../../src/strands/http-request/follow-redirects.js'

const OWN = ['authorization', 'proxy-authorization', 'cookie', 'host', 'x-api-key']
const OF_A_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type']
const headers = Object.fromEntries([...OWN, ...OF_A_BODY, 'accept'].map((name) => [name, 'a/b']))

const CALLED = 'https://called.example/a'
const payment = { name: 'PAYMENT-SIGNATURE', value: 'x' }

/** Names of the headers that a request to `CALLED` takes to another URL. */
type Door = (to: string, method: string) => Promise<string[]>

const follows: Door = (to, method) =>
  replayed(method, ({ follow }) => follow(new URL(to), new URL(CALLED)))
const repeats: Door = (to, method) => replayed(method, ({ sendPaid }) => sendPaid(to, payment))
const requests: Door = async (to, method) => {
  const seen: Readonly<Record<string, string>>[] = []
  await followRedirects({ url: new URL(CALLED), method, headers }, (request) => {
    seen.push(request.headers)
    const [statusCode, location] = seen.length === 1 ? [302, to] : [200, undefined]
    const answer = { statusCode, headers: { location }, body: Buffer.alloc(0), isTruncated: false }
    return Promise.resolve(answer)
  })
  return Object.keys(seen[1] ?? {})
}

test.each<[string, Door]>([
  ['payingFetch, after a paid call', follows],
  ['payingFetch, with the payment', repeats],
  ['http_request', requests],
])('%s: nothing of the server that was called goes to another origin', async (_, door) => {
  for (const to of [
    'https://other.example/a',
    'http://called.example/a',
    'https://called.example:8443/a',
  ]) {
    const sent = await door(to, 'GET')
    expect(sent).toContain('accept')
    expect(sent.filter((name) => OWN.includes(name))).toEqual([])
  }
  expect(await door('https://called.example/b', 'GET')).toEqual(expect.arrayContaining(OWN))
})

test.each<[string, Door]>([
  ['payingFetch', follows],
  ['http_request', requests],
])('%s: what speaks of the body stays behind with it', async (_, door) => {
  const sent = await door('https://called.example/b', 'POST')
  expect(sent.filter((name) => OF_A_BODY.includes(name))).toEqual([])
})

async function replayed(
  method: string,
  send: (replay: Awaited<ReturnType<typeof replayOf>>) => Promise<unknown>,
): Promise<string[]> {
  const sent: string[][] = []
  const fetch = (request: Request) => {
    sent.push([...request.headers.keys()])
    return Promise.resolve(new Response())
  }
  await send(await replayOf(CALLED, { method, headers }, fetch as typeof globalThis.fetch))
  return sent[0] ?? []
}
