import { expect, test } from '@jest/globals'
import { DOORS, type Door } from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { sell, stack, toolCall } from '../../support/seller.js'
import { bothHttpPhases, memoryStore } from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'

/** What invites caches to keep an answer for everybody, and what is left of it. */
const INVITING: [name: string, value: string, left: string][] = [
  ['Cache-Control', 'public, max-age=60', 'private, max-age=60'],
  ['cache-control', 's-maxage=60', 'private'],
  ['CACHE-CONTROL', 'private="x, y", PUBLIC', 'private, private="x, y"'],
  ['cache-control', 'no-store', 'no-store'],
  ['CDN-Cache-Control', 'public, max-age=60', 'no-store'],
  ['cloudflare-cdn-cache-control', 'max-age=60', 'no-store'],
  ['Vercel-CDN-Cache-Control', 'max-age=60', 'no-store'],
  ['Netlify-CDN-Cache-Control', 'public, durable', 'no-store'],
  ['X-Litespeed-Cache-Control', 'public,max-age=60', 'no-store'],
  ['Surrogate-Control', 'max-age=60, ESI/1.0', 'no-store'],
  ['edge-control', 'cache-maxage=60s', 'no-store'],
  ['X-Accel-Expires', '60', '0'],
  ['expires', 'Fri, 01 Jan 2100 00:00:00 GMT', '0'],
  ['Pragma', 'public', 'no-cache'],
]

const text = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: { content: [{ type: 'text', text: 'Hello!' }] },
})

type Headers = Record<string, string>

function headersOf(output: unknown): Headers {
  const { mcp, http, headers, multiValueHeaders } = output as {
    mcp?: { transformedGatewayResponse: { headers: Headers } }
    http?: { transformedGatewayResponse: { headers: Headers } }
    headers?: Headers
    multiValueHeaders?: Record<string, string[]>
  }
  const lists = Object.entries(multiValueHeaders ?? {})
  const joined = Object.fromEntries(lists.map(([name, values]) => [name, values.join()]))
  return (mcp ?? http)?.transformedGatewayResponse.headers ?? headers ?? joined
}

/** All values under a name, in any case. */
function valuesOf(headers: Headers, name: string): string[] {
  return Object.entries(headers).flatMap(([it, value]) =>
    it.toLowerCase() === name.toLowerCase() ? [value] : [],
  )
}

async function soldWith(door: Door, answer: object, paid = true): Promise<Headers> {
  const local = await stack()
  const sent = { body: toolCall(TOOL), token: paid ? local.accessToken() : null }
  const options = { ...door.options, ...(!paid && { tools: { [TOOL]: 'free' as const } }) }
  const sold = sell(local, () => ({ statusCode: 200, body: text, ...answer }), options)
  const output: unknown = await sold(door.event(sent), door.context(sent))
  if (paid) expect(local.balance()).toBe(99n)
  return headersOf(output)
}

const WITH_HEADERS = DOORS.filter(({ statuses }) => statuses !== 'none')

test.each(INVITING)(
  'a sold answer with %s: %s is for its buyer alone',
  async (name, value, left) => {
    for (const door of WITH_HEADERS) {
      for (const answer of [
        { headers: { [name]: value } },
        { multiValueHeaders: { [name]: [value] } },
      ]) {
        const headers = await soldWith(door, answer)
        expect([door.name, valuesOf(headers, name)]).toEqual([door.name, [left]])
        expect(valuesOf(headers, 'cache-control').join()).toMatch(/private|no-store/)
      }
    }
  },
)

test.each(INVITING)('a free answer with %s: %s says so still', async (name, value) => {
  for (const door of WITH_HEADERS) {
    const headers = await soldWith(door, { headers: { [name]: value } }, false)
    expect(valuesOf(headers, name)).toEqual([value])
  }
})

test('of two spellings of one header both count', async () => {
  for (const door of WITH_HEADERS) {
    const headers = { 'Cache-Control': 'max-age=60', 'cache-control': 'no-store' }
    expect(valuesOf(await soldWith(door, { headers }), 'cache-control')).toEqual([
      'max-age=60, no-store',
    ])
  }
})

test.each(INVITING)(
  'what a target answers with %s: %s goes out so too',
  async (name, value, left) => {
    const local = await stack()
    const handle = intercept(local, { store: memoryStore() })
    const target = () => ({ headers: { [name]: value }, body: 'Hello!' })
    const { got } = await bothHttpPhases(handle, { token: local.accessToken() }, target)
    expect(local.balance()).toBe(99n)
    expect(valuesOf(got.headers, name)).toEqual([left])
  },
)
