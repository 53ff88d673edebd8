import { expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { FUNCTION_URL, LOAD_BALANCERS, REST_API, type Door } from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { sell, stack, toolCall } from '../../support/seller.js'

const RECEIPT = 'payment-response'
const OURS = new Set([RECEIPT, 'cache-control'])

type Fields = Record<string, unknown>

/** Plain HTTP: what is sold is a path. */
async function soldOver(door: Door, returned: object, kind: 'paid' | 'free') {
  const local = await stack()
  const options = { httpEvents: 'http', ...(kind === 'free' && { tools: { 'GET /': 'free' } }) }
  const sold = sell(local, () => returned, options as never)
  const event = door.event({ method: 'GET', token: kind === 'paid' ? local.accessToken() : null })
  const path = 'rawPath' in event ? { rawPath: '/' } : { path: '/' }
  const output = (await sold({ ...event, ...path })) as unknown as Fields
  return { output, charged: 100n - local.balance() }
}

function withoutOurs(headers: unknown): Fields | undefined {
  if (headers === undefined) return undefined
  const kept = Object.entries(headers as Fields).filter(([name]) => !OURS.has(name.toLowerCase()))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

/** An output less what is ours. */
function bareOf({ headers, multiValueHeaders, isBase64Encoded, ...others }: Fields): Fields {
  const [single, lists] = [withoutOurs(headers), withoutOurs(multiValueHeaders)]
  return {
    ...others,
    ...(single && { headers: single }),
    ...(lists && { multiValueHeaders: lists }),
    ...(isBase64Encoded === true && { isBase64Encoded }),
  }
}

const PACKED = gzipSync('<p>Hello!</p>').toString('base64')
const ANSWERS: [string, Door, Fields][] = [
  [
    'a lower-case type',
    FUNCTION_URL,
    { statusCode: 200, headers: { 'content-type': 'image/svg+xml' }, body: '<svg/>' },
  ],
  ['no type at all', FUNCTION_URL, { statusCode: 200, body: 'Hello!' }],
  [
    'cookies',
    FUNCTION_URL,
    { statusCode: 200, headers: { 'X-A': '1' }, cookies: ['a=1; Path=/', 'b=2'], body: 'Hello!' },
  ],
  [
    'headers as lists',
    REST_API,
    {
      statusCode: 201,
      multiValueHeaders: { 'content-type': ['text/html'], 'Set-Cookie': ['a=1', 'b=2, c'] },
      body: '<p>',
    },
  ],
  [
    'both forms of headers',
    REST_API,
    {
      statusCode: 200,
      headers: { 'CONTENT-TYPE': 'text/plain', 'X-One': '1' },
      multiValueHeaders: { 'X-Many': ['1', '2'] },
      body: 'Hello!',
    },
  ],
  [
    'a status of a load balancer',
    LOAD_BALANCERS[0] as Door,
    {
      statusCode: 200,
      statusDescription: '200 Fine',
      headers: { 'content-type': 'text/plain' },
      body: 'Hello!',
    },
  ],
  [
    'lists for a load balancer',
    LOAD_BALANCERS[1] as Door,
    {
      statusCode: 200,
      statusDescription: '200 OK',
      multiValueHeaders: { 'content-type': ['text/plain'], 'set-cookie': ['a=1', 'b=2'] },
      body: 'Hello!',
    },
  ],
  [
    'bytes that are packed',
    FUNCTION_URL,
    {
      statusCode: 200,
      headers: { 'content-type': 'text/html', 'content-encoding': 'gzip', etag: '"1"' },
      body: PACKED,
      isBase64Encoded: true,
    },
  ],
  ['a redirect', FUNCTION_URL, { statusCode: 302, headers: { location: '/b' }, body: '' }],
]

test.each(ANSWERS)('an answer with %s is sold as it is, and free as it is', async (_, door, it) => {
  const paid = await soldOver(door, it, 'paid')
  expect(paid.charged).toBe(1n)
  expect(bareOf(paid.output)).toEqual(it)
  const receipts = { ...(paid.output['headers'] as object), ...listsOf(paid.output) }
  expect(Object.keys(receipts)).toContain(RECEIPT)
  const free = await soldOver(door, it, 'free')
  expect(bareOf(free.output)).toEqual(it)
})

function listsOf({ multiValueHeaders }: Fields): object {
  return multiValueHeaders ?? {}
}

test.each(ANSWERS)('a refusal of the handler with %s goes out as it is', async (_, door, it) => {
  const refused = { ...it, statusCode: 404, ...('statusDescription' in it && DESCRIBED) }
  const { output, charged } = await soldOver(door, refused, 'paid')
  expect(charged).toBe(0n)
  expect(bareOf(output)).toEqual(refused)
})

const DESCRIBED = { statusDescription: '404 Not Found' }

test('receipts stand in lists where the handler, or its load balancer, uses nothing else', async () => {
  const lists = { statusCode: 200, multiValueHeaders: { 'x-a': ['1'] }, body: 'Hello!' }
  for (const door of [REST_API, LOAD_BALANCERS[1] as Door]) {
    const { output } = await soldOver(door, lists, 'paid')
    expect(output['headers']).toBeUndefined()
    expect(output['multiValueHeaders']).toMatchObject({ [RECEIPT]: [expect.any(String)] })
  }
  // Such a platform would not read it among lists.
  for (const door of [FUNCTION_URL, LOAD_BALANCERS[0] as Door]) {
    const { output } = await soldOver(door, lists, 'paid')
    expect(output).toMatchObject({ headers: { [RECEIPT]: expect.any(String) } })
    expect(output['multiValueHeaders']).toEqual(lists.multiValueHeaders)
  }
})

test('a status that is written as text is a status', async () => {
  const gone = { statusCode: '410', headers: { 'x-a': '1' }, body: 'Gone' }
  const { output, charged } = await soldOver(REST_API, gone, 'paid')
  expect([charged, output]).toMatchObject([0n, { ...gone, statusCode: 410 }])
})

const RESULT = { content: [{ type: 'text', text: 'Hello!' }] }

/** JSON-RPC. */
async function soldMessage(door: Door, returned: object, options: object = {}) {
  const local = await stack()
  const sold = sell(local, () => returned, options)
  const event = door.event({ body: toolCall(TOOL), token: local.accessToken() })
  const output = (await sold(event)) as unknown as Fields
  return { output, charged: 100n - local.balance() }
}

const FAILED = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { ...RESULT, isError: true } })

test.each<[string, Fields]>([
  ['as text', { body: ` ${FAILED}\n`, headers: { 'content-length': '9', ETag: '"1"' } }],
  [
    'packed',
    {
      body: gzipSync(FAILED).toString('base64'),
      isBase64Encoded: true,
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    },
  ],
  [
    'as a stream',
    {
      body: `event: message\ndata: ${FAILED}\n\n`,
      headers: { 'Content-Type': 'text/event-stream' },
      cookies: ['a=1'],
    },
  ],
])('a failed message %s goes out byte for byte', async (_, message) => {
  const answer = { statusCode: 200, ...message }
  const { output, charged } = await soldMessage(FUNCTION_URL, answer)
  expect(charged).toBe(0n)
  expect(output).toEqual({ isBase64Encoded: false, ...answer })
})

test('a sold message keeps cookies, lists and its own spaces', async () => {
  const text =
    '{ "jsonrpc":"2.0", "id":1, "result": {"content":[], "n": 1.0, "big": 9007199254740993 } }'
  const answer = {
    statusCode: 200,
    multiValueHeaders: { 'content-type': ['application/json'], 'set-cookie': ['a=1', 'b=2'] },
    body: text,
  }
  const { output, charged } = await soldMessage(REST_API, answer)
  expect(charged).toBe(1n)
  expect(output['multiValueHeaders']).toMatchObject(answer.multiValueHeaders)
  const [before = '', after = ''] = text.split('"content"')
  const body = String(output['body'])
  expect(body.startsWith(`${before}"_meta":{"x402":`)).toBe(true)
  expect(body.endsWith(`"content"${after}`)).toBe(true)
})

test('a page asks for variants of its own beside ours', async () => {
  const local = await stack()
  const answer = { statusCode: 200, headers: { vary: 'Accept-Encoding' }, body: 'Hello!' }
  const cors = { origins: ['https://shop.example'] }
  const options = { httpEvents: 'http', cors, tools: { 'GET /': 'free' } }
  const sold = sell(local, () => answer, options as never)
  const headers = { origin: 'https://shop.example' }
  const output = await sold(FUNCTION_URL.event({ method: 'GET', headers }))
  expect(output).toMatchObject({ headers: { vary: 'Accept-Encoding, Origin' } })
  expect(JSON.stringify(output).match(/vary/gi)).toHaveLength(1)
})
