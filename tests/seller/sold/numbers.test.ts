import { expect, test } from '@jest/globals'
import type { HandlerResult } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import {
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  base64,
  type Door,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { sell, stack } from '../../support/seller.js'
import { bothHttpPhases, memoryStore } from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'

const BIG = '725653563933458433'
const BESIDE = `"note": "\\u00e9 \\/ caf\\u00E9 ☕", "n": [${BIG}, 1.0, 1e2, -0, 0.10000000000000000001]`
const RESULT = { content: [{ type: 'text', text: 'Hello!' }] }

interface Written {
  id?: string
  args?: string
  meta?: string
}

/** The text of a call; a payment is written where it says so. */
function callText({ id = BIG, args = `{ ${BESIDE} }`, meta = '{"k":1, PAID}' }: Written = {}) {
  return (paid: string) =>
    ` {"jsonrpc" : "2.0",\n\t"id":${id}, "method":"tools/call","params":{"name":"${TOOL}",` +
    `"arguments":${args},"_meta":${meta.replace('PAID', paid)}}} `
}

function paymentOf(local: Local): string {
  const payload = Buffer.from(local.accessToken(), 'base64').toString()
  return `"x402/payment" : ${payload}`
}

type Fields = Record<string, unknown>

/** Sells one call and shows what the handler got. */
async function call(door: Door, write: (paid: string) => string, given?: HandlerResult) {
  const local = await stack()
  const seen: Fields[] = []
  const handler = (event: object) => {
    seen.push(event as Fields)
    return given ?? RESULT
  }
  const sold = sell(local, handler, door.options)
  const event = door.event({ body: write(paymentOf(local)) })
  const output = (await sold(event, door.context({ body: write('') }))) as unknown as Fields
  return { output, seen: seen[0] ?? {}, charged: 100n - local.balance(), local }
}

function textOf({ body, isBase64Encoded, http }: Fields): string {
  const inner = http as Record<string, Fields> | undefined
  if (inner)
    return textOf({
      ...(inner['gatewayRequest'] ?? inner['transformedGatewayResponse']),
      isBase64Encoded: true,
    })
  return isBase64Encoded === true ? Buffer.from(String(body), 'base64').toString() : String(body)
}

test.each<[string, string, string]>([
  ['beside another', '{"k":1, PAID}', '{"k":1}'],
  ['before another', '{ PAID , "k":1.0 }', '{ "k":1.0 }'],
  ['alone', '{PAID}', '{}'],
  ['under an escaped name', '{"k":1,"x402\\u002fpayment":null, PAID}', '{"k":1}'],
])('a payment %s is cut out of the text, and nothing else is touched', async (_, meta, left) => {
  const write = callText({ meta })
  for (const door of [...HTTP_EVENTS, GATEWAY_HTTP]) {
    const { seen, charged } = await call(door, write)
    expect([door.name, charged]).toEqual([door.name, 1n])
    expect(textOf(seen)).toBe(callText({ meta: left })(''))
  }
})

test('of a member that comes twice the last one stays, with its own digits', async () => {
  const args = `{"a":{"b":1,"b":${BIG}},"a":{"b":2,"b" : ${BIG}}}`
  const { seen, charged } = await call(FUNCTION_URL, callText({ args }))
  expect(charged).toBe(1n)
  expect(textOf(seen)).toBe(callText({ args: `{"a":{"b" : ${BIG}}}`, meta: '{"k":1}' })(''))
})

test('a payment among the arguments is cut out as well', async () => {
  const local = await stack()
  const seen: string[] = []
  const sold = sell(local, ((event: Fields) => {
    seen.push(String(event['body']))
    return RESULT
  }) as never)
  const headers = `"headers":{"PAYMENT-SIGNATURE":"${local.accessToken()}"}`
  const args = `{"id": ${BIG}, ${headers}, "f":1.50}`
  await sold(FUNCTION_URL.event({ body: callText({ args, meta: '{}' })('') }))
  expect(seen).toEqual([callText({ args: `{"id": ${BIG}, "f":1.50}`, meta: '{}' })('')])
})

const IDS = [BIG, '1.0', '1e2', '-0', '9007199254740993', '"\\u0061\\/b"', '0', '""', '"1"']

test.each(IDS)('the id %s is echoed as it came', async (id) => {
  const inAnswer = new RegExp(`"id":${id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}[,}]`)
  for (const door of [...HTTP_EVENTS, GATEWAY_HTTP]) {
    const { output, charged } = await call(door, callText({ id }))
    expect([door.name, charged]).toEqual([door.name, 1n])
    expect(textOf(output)).toMatch(inAnswer)
    const refused = await call(door, callText({ id, meta: '{}' }))
    expect(textOf(refused.output)).toMatch(inAnswer)
    expect(refused.charged).toBe(0n)
  }
})

const ANSWER = (id: string): string =>
  `{ "jsonrpc":"2.0","id":${id},"result":{"content":[], "structuredContent":{"n": ${BIG}, "f":1.0}} }`

test.each<[string, (text: string) => HandlerResult]>([
  ['JSON', (body) => ({ statusCode: 200, headers: {}, body })],
  [
    'a stream',
    (text) => ({
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: `data: ${text}\n\n`,
    }),
  ],
])('numbers of an answer in %s stay beside the receipt', async (_, write) => {
  // JavaScript's own servers answer with the digits that they read.
  for (const id of [BIG, String(Number(BIG))]) {
    const { output, charged } = await call(FUNCTION_URL, callText(), write(ANSWER(id)))
    expect(charged).toBe(1n)
    expect(textOf(output)).toContain(`"content":[], "structuredContent":{"n": ${BIG}, "f":1.0}} }`)
    expect(textOf(output)).toContain(`{ "jsonrpc":"2.0","id":${BIG},"result":{"_meta":{"x402":{`)
  }
})

test('an HTTP target gets and gives the digits that were sent', async () => {
  const local = await stack()
  const handle = intercept(local, { httpTargets: 'mcp', store: memoryStore() })
  const sent = { path: '/mcp', body: callText()(paymentOf(local)) }
  const target = () => ({ headers: { 'content-type': 'application/json' }, body: ANSWER(BIG) })
  const { got, forwarded } = await bothHttpPhases(handle, sent, target)
  expect(forwarded?.body).toBe(base64(callText({ meta: '{"k":1}' })('')))
  expect(got.body.toString()).toContain(`"structuredContent":{"n": ${BIG}, "f":1.0}`)
  expect(local.balance()).toBe(99n)
})

const canWrite = 'rawJSON' in JSON

test('a Gateway that parsed before us is answered, and forwards, with the digits of its text where Node can write them', async () => {
  const local = await stack()
  const text = callText()(paymentOf(local))
  const event = GATEWAY.event({ body: text }) as { mcp: { gatewayRequest: Fields } }
  event.mcp.gatewayRequest['body'] = JSON.parse(text)
  const expected = canWrite ? BIG : String(Number(BIG))
  const seen: unknown[] = []
  const sold = sell(local, ((it: { mcp: { rawGatewayRequest: { body: string } } }) => {
    seen.push(it.mcp.rawGatewayRequest.body)
    return RESULT
  }) as never)
  expect(JSON.stringify(await sold(event))).toContain(`"id":${expected}`)
  expect(seen).toEqual([callText({ meta: '{"k":1}' })('')])
  const forwarded = JSON.stringify(await intercept(local)(event))
  expect(forwarded).toContain(`"id":${expected}`)
  expect(forwarded).toContain(`"n":[${expected},1,100,0,`)
  const bare = callText({ meta: '{}' })('')
  event.mcp.gatewayRequest['body'] = JSON.parse(bare)
  const unpaid = { mcp: { ...event.mcp, rawGatewayRequest: { body: bare } } }
  expect(JSON.stringify(await intercept(local)(unpaid))).toContain(`"id":${expected}`)
})

test('a body in base64 stays one', async () => {
  const event = { ...FUNCTION_URL.event({ body: '' }), isBase64Encoded: true }
  const local = await stack()
  const seen: Fields[] = []
  const sold = sell(local, ((it: Fields) => {
    seen.push(it)
    return RESULT
  }) as never)
  await sold({ ...event, body: base64(callText()(paymentOf(local))) })
  expect(seen[0]).toMatchObject({
    isBase64Encoded: true,
    body: base64(callText({ meta: '{"k":1}' })('')),
  })
})
