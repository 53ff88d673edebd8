import { expect, test } from '@jest/globals'
import type { PaidHandler } from '../../src/index.js'
import type { Fault, Local } from '../../src/local/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { leaks, recorder, secretsOf, type Secret } from '../support/secrets.js'
import { contextWith, eventOf, hello, sell, stack, toolCall } from '../support/seller.js'

const TOOL = 'T___hello'
const SIGNATURE = `0x${'9c41d7'.repeat(21)}`
const PLANTED: Secret[] = [{ name: 'signature', value: SIGNATURE }]

const base64 = (text: string) => Buffer.from(text).toString('base64')
const base64url = (text: string) => Buffer.from(text).toString('base64url')
const percent = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')

test.each<[string, unknown]>([
  ['as it is', `say ${SIGNATURE}`],
  ['in twelve characters of it', `say ${SIGNATURE.slice(40, 52)}!`],
  ['in upper case', SIGNATURE.toUpperCase()],
  ['in base64', base64(SIGNATURE)],
  ['in base64 with a byte before it', base64(`"${SIGNATURE}"`)],
  ['in base64 with two bytes before it', base64(`: ${SIGNATURE}`)],
  ['in a token', base64url(JSON.stringify({ payload: { a: SIGNATURE } }))],
  ['in a piece of a token', base64url(`~~${SIGNATURE}`).slice(90)],
  ['in a token in a base64 header', base64(`{"error":"bad ${base64url(SIGNATURE)}"}`)],
  ['URL-encoded', percent(SIGNATURE)],
  ['deep in an object', { a: [{ b: { c: { d: { e: SIGNATURE } } } }] }],
  ['as the name of a field', { [SIGNATURE]: 1 }],
  ['in a map', new Map([[1, SIGNATURE]])],
  ['in the message of an error', new Error(`bad ${SIGNATURE}`)],
  ['in the cause of an error', { error: new Error('bad', { cause: new Error(SIGNATURE) }) }],
  ['in a field JSON drops', Object.defineProperty(new Error('bad'), 'sent', { value: SIGNATURE })],
])('the search finds a secret %s', (_, out) => {
  expect(leaks(out, PLANTED)).toEqual(['signature'])
})

test('the search finds nothing where nothing is', () => {
  const address = `0x${'ab12'.repeat(10)}`
  expect(leaks({ address, piece: SIGNATURE.slice(0, 11) }, PLANTED)).toEqual([])
})

test('the search knows every secret of a token and of a key', async () => {
  const local = await stack()
  const names = secretsOf(local, singleUse(local)).map(({ name }) => name)
  expect(names).toEqual([
    ...['API key', 'API key, decoded', 'API key', 'API key, decoded'],
    ...['signature', 'nonce', 'session key', 'session key'],
  ])
})

/** A token of the single-use kind has a nonce besides signature and session keys. */
function singleUse(local: Local): string {
  return local.accessToken({
    version: 3,
    resource: { url: `mcp://tool/${TOOL}` },
    httpVerb: 'POST',
  })
}

/** Still full of secrets, no longer valid. */
function forged(token: string): string {
  return base64url(JSON.stringify({ ...decodeHeader(token), accepted: null }))
}

/** An event as live gateways send it: with the client's text beside the parsed body. */
function withRaw(body: unknown, headers: Record<string, unknown> = {}): Record<string, unknown> {
  const event = eventOf(body, headers) as { mcp: Record<string, unknown> }
  return { ...event, mcp: { ...event.mcp, rawGatewayRequest: { body: JSON.stringify(body) } } }
}

type EventFor = (token: string) => Record<string, unknown>

const meta = (payment: unknown) => ({ _meta: { 'x402/payment': payment } })
const inMeta: EventFor = (token) => withRaw(toolCall(TOOL, {}, meta(decodeHeader(token))))
const inHttp: EventFor = (token) => withRaw(toolCall(TOOL), { 'Payment-Signature': token })
const inArguments: EventFor = (token) =>
  withRaw(toolCall(TOOL, { headers: { 'PAYMENT-SIGNATURE': token, accept: '*/*' } }))
const asBearer: EventFor = (token) => withRaw(toolCall(TOOL), { Authorization: `Bearer ${token}` })
const everywhere: EventFor = (token) =>
  withRaw(toolCall(TOOL, { headers: { 'x-payment': token } }, meta(decodeHeader(token))), {
    'payment-signature': token,
  })
const paying = (body: Record<string, unknown>): EventFor => {
  return (token) =>
    withRaw({ ...body, params: { ...meta(decodeHeader(token)) } }, { 'x-payment': token })
}
const inBatch: EventFor = (token) => withRaw([toolCall(TOOL, { headers: { 'x-payment': token } })])
const unanswerable: EventFor = (token) =>
  withRaw(toolCall(TOOL, { headers: { 'x-payment': token } }, { id: undefined }))
const ambiguous: EventFor = (token) =>
  withRaw(toolCall(TOOL, { headers: { 'x-payment': token, 'payment-signature': forged(token) } }))
const fails = () => {
  throw new Error('the database is down')
}

interface Scene {
  event?: EventFor
  fault?: Fault
  handler?: PaidHandler
  options?: Parameters<typeof sell>[2]
  leftMs?: number
}

const SETTLE_UNKNOWN: Fault = { route: 'settle', kind: 'error', status: 500, code: 'BCK.X402.0009' }
const REQUEST = { jsonrpc: '2.0', id: 1 }

test.each<[string, Scene]>([
  ['unpaid', { event: () => withRaw(toolCall(TOOL)) }],
  ['paid in an HTTP header', { event: inHttp }],
  ['paid in arguments.headers', { event: inArguments }],
  ['paid in _meta', { event: inMeta }],
  ['paid as a bearer', { event: asBearer, options: { tokenHeader: 'authorization' } }],
  ['paid in all places', { event: everywhere }],
  ['free, with a payment', { event: everywhere, options: { credits: 0 } }],
  ['of a method that is not sold', { event: paying({ ...REQUEST, method: 'resources/read' }) }],
  [
    'of a method that is not sold, which the handler answers',
    { event: paying({ ...REQUEST, method: 'tools/list' }), options: { otherMethods: 'handler' } },
  ],
  ['of an unknown tool', { event: everywhere, options: { tools: { other: 'free' } } }],
  ['without an id', { event: unanswerable }],
  ['in a batch', { event: inBatch }],
  ['with a forged payment', { event: (token) => inHttp(forged(token)) }],
  ['with half a payment', { event: (token) => inHttp(`${token.slice(0, -40)}~~`) }],
  ['with a text for an object', { event: (token) => withRaw(toolCall(TOOL, {}, meta(token))) }],
  ['with two payments', { event: ambiguous }],
  ['refused', { fault: { route: 'verify', kind: 'refuse', reason: 'Plan expired' } }],
  ['met by an outage', { fault: { route: 'verify', kind: 'html', times: 9 } }],
  ['met by a broken connection', { fault: { route: 'verify', kind: 'reset', times: 9 } }],
  ['made with a bad API key', { fault: { route: 'verify', kind: 'error', status: 401 } }],
  ['for a plan nobody can look up', { fault: { route: 'plan', kind: 'error', times: 9 } }],
  ['refused at settle', { fault: { route: 'settle', kind: 'refuse' } }],
  [
    'refused at settle and delivered',
    { fault: { route: 'settle', kind: 'refuse' }, options: { onSettlementRefused: 'deliver' } },
  ],
  ['of unknown outcome', { fault: SETTLE_UNKNOWN }],
  [
    'of unknown outcome and delivered',
    { fault: SETTLE_UNKNOWN, options: { onSettlementUnknown: 'deliver' } },
  ],
  ['settled at the second attempt', { fault: { route: 'settle', kind: 'lost-answer' } }],
  ['whose handler throws', { handler: fails }],
  ['answered in no known format', { handler: () => 7 as never }],
  ['with an odd price', { handler: () => ({ _meta: { creditsToCharge: -1 } }) }],
  [
    'answered with the event itself',
    { handler: (event) => ({ structuredContent: { event } }), event: everywhere },
  ],
  ['met by onBeforeVerify throwing', { options: { onBeforeVerify: fails } }],
  ['met by onAfterVerify throwing', { options: { onAfterVerify: fails } }],
  ['met by onAfterSettle throwing', { options: { onAfterSettle: fails } }],
  [
    'met by onPaymentError throwing',
    { event: (token) => inHttp(forged(token)), options: { onPaymentError: fails } },
  ],
  ['met by a price function throwing', { options: { credits: fails } }],
  ['without enough time', { leftMs: 1_500 }],
])('nothing secret comes out of a call %s', async (_, scene) => {
  const local = await stack()
  const token = singleUse(local)
  if (scene.fault) local.faults.set(scene.fault)
  const { logger, hooks, watch, everything } = recorder()
  const handler = sell(local, watch(scene.handler ?? hello), { logger, ...hooks, ...scene.options })
  const event = (scene.event ?? inHttp)(token)
  const output = await handler(event, contextWith(scene.leftMs ?? 30_000))
  expect(output.interceptorOutputVersion).toBe('1.0')
  expect(leaks([output, everything()], secretsOf(local, token))).toEqual([])
})
