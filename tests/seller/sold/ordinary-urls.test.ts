import { expect, test } from '@jest/globals'
import { FUNCTION_URL, LOAD_BALANCERS, REST_API, type Door } from '../../support/events.js'
import { sell, stack } from '../../support/seller.js'
import { bothHttpPhases, memoryStore } from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'

const TOOLS = {
  'GET /café': { credits: 2 },
  '/users/me@example.com': { credits: 3 },
  'GET /日本/😀': { credits: 4 },
  '/a b+c,d:e': { credits: 5 },
  'GET /gr%C3%BC%C3%9Fe%40home': { credits: 6 },
  '/100%25': { credits: 7 },
  '/~me/-_.x': { credits: 8 },
}

const HTTP_API = FUNCTION_URL
const PLATFORMS: [string, Door][] = [
  ['a Function URL or an HTTP API', HTTP_API],
  ['a REST API', REST_API],
  ['a load balancer', LOAD_BALANCERS[0] as Door],
  ['a load balancer with lists', LOAD_BALANCERS[1] as Door],
]

async function seller() {
  const local = await stack()
  const seen: unknown[] = []
  const handler = (event: object) => {
    seen.push('rawPath' in event ? event.rawPath : (event as { path: unknown }).path)
    return { statusCode: 200, body: 'Hello!' }
  }
  const tools = Object.fromEntries(
    Object.entries(TOOLS).map(([name, row]) => [name, { ...row, planId: local.planId }]),
  )
  const sold = sell(local, handler, { httpEvents: 'http', tools, planId: local.planId } as never)
  const call = async (door: Door, path: string, token: string | null) => {
    const event = door.event({ method: 'GET', token })
    return sold({ ...event, ...('rawPath' in event ? { rawPath: path } : { path }) })
  }
  return { local, seen, call }
}

const ORDINARY: [string, bigint][] = [
  ['/caf%C3%A9', 2n],
  ['/caf%c3%a9', 2n],
  ['/café', 2n],
  ['/users/me%40example.com', 3n],
  ['/users/me@example.com', 3n],
  ['/%E6%97%A5%E6%9C%AC/%F0%9F%98%80', 4n],
  ['/日本/😀', 4n],
  ['/a%20b+c,d:e', 5n],
  ['/a%20b%2Bc%2cd%3Ae', 5n],
  ['/a b+c,d:e', 5n],
  ['/gr%C3%BC%C3%9Fe%40home', 6n],
  ['/grüße@home', 6n],
  ['/100%25', 7n],
  ['/%7Eme/%2D%5F.x', 8n],
  ['/prod/caf%C3%A9', 1n],
  ["/it's/(a)/$b/c=d/e&f/!*", 1n],
  ['/%5Ba%5D/%22b%22/%7B%7D/%3D%26', 1n],
  ['/caf%25C3%25AA', 1n],
]

test.each(ORDINARY)('the path %s is sold, at its own price', async (path, credits) => {
  for (const [name, door] of PLATFORMS) {
    const { local, seen, call } = await seller()
    const output = await call(door, path, local.accessToken())
    expect([name, output]).toMatchObject([name, { statusCode: 200, body: 'Hello!' }])
    // The handler gets what the platform sent.
    expect([seen, 100n - local.balance()]).toEqual([[path], credits])
  }
})

test.each(ORDINARY)('an HTTP target sells %s at its own price', async (path, credits) => {
  const local = await stack()
  const tools = Object.fromEntries(
    Object.entries(TOOLS).map(([name, row]) => [name, { ...row, planId: local.planId }]),
  )
  const handle = intercept(local, { tools, planId: local.planId, store: memoryStore() })
  const sent = { path, method: 'GET', token: local.accessToken() }
  const { got } = await bothHttpPhases(handle, sent)
  expect([got.status, 100n - local.balance()]).toEqual([200, credits])
})

test.each([
  '/a%2Fb',
  '/a%2fb',
  '/a%5Cb',
  '/caf%C3%A9/%2e%2e/x',
  '/caf%C3%A9/..%2fx',
  '/a%252Fb',
  '/a%25252Fb',
  '/caf%C3%A9/%252e%252e/x',
  '/a%00',
  '/a%0D%0Ab',
  '/caf%E9',
  '/caf%C0%AF',
  '/%ED%A0%80',
  '/a%3Fb',
  '/a%23b',
  '/a%3Bb',
  '/a%u002fb',
  '/%63af%C3%A9',
  '/%2563afé',
])('the path %s could mean another one, and is refused', async (path) => {
  for (const [name, door] of PLATFORMS) {
    const { local, seen, call } = await seller()
    const output = await call(door, path, local.accessToken())
    expect([name, output]).toMatchObject([name, { statusCode: 400 }])
    expect([seen, local.balance()]).toEqual([[], 100n])
  }
})

test.each(['/CAF%C3%A9', '/cafe%CC%81', '/caf%25C3%25A9', '/USERS/me%40example.com'])(
  'the path %s is another spelling of one that has a price, and is not sold',
  async (path) => {
    const { local, seen, call } = await seller()
    expect(await call(FUNCTION_URL, path, local.accessToken())).toMatchObject({ statusCode: 404 })
    expect([seen, local.balance()]).toEqual([[], 100n])
  },
)

test('a challenge names one resource, however its path is written', async () => {
  const { call } = await seller()
  for (const path of ['/caf%C3%A9', '/caf%c3%a9', '/café']) {
    const output = await call(FUNCTION_URL, path, null)
    const { headers } = output as unknown as { headers: Record<string, string> }
    const decoded = Buffer.from(headers['payment-required'] ?? '', 'base64').toString()
    expect(JSON.parse(decoded)).toMatchObject({
      resource: { url: expect.stringMatching(/caf%C3%A9$/) },
    })
  }
})
