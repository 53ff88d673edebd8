import { afterEach, expect, jest, test } from '@jest/globals'
import axios from 'axios'
import { payingAxios, payingFetch, payingMcp, receiptOf } from '../../../src/client/index.js'
import { challenge, limits, seller, wallet, type Answer } from '../support/http-seller.js'
import { flattened, refusing, shop } from '../support/mcp-shop.js'

/** What the process was warned of. Jest's own process object hears no events of the real one. */
const warned: unknown[] = []
jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
  if ((options as { code?: string } | undefined)?.code === 'USE_PAYING_MCP') warned.push(message)
})
const heard = () => warned.splice(0)
afterEach(() => void heard())

const CALL = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'quote', arguments: {} },
}
const asked = refusing(challenge('mcp://tool/quote'))
const post = (body: unknown = CALL): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
})
const answering =
  (message: object, type = 'application/json'): Answer =>
  (_, response) => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, ...message })
    const isStream = type === 'text/event-stream'
    response.writeHead(200, { 'content-type': type })
    response.end(isStream ? `event: message\ndata: ${text}\n\n` : text)
  }
const MEANT = expect.stringContaining('use payingMcp') as unknown
const UNPAID = { paid: 'no', reason: MEANT }

test.each([
  ['in an error result', { result: asked }, 'application/json'],
  ['in a stream', { result: asked }, 'text/event-stream'],
  [
    'in the text of a Lambda target',
    { result: await flattened(() => asked)({ name: 'quote' }) },
    'application/json',
  ],
  [
    'in an error of JSON-RPC',
    { error: { code: 402, message: 'pay', data: challenge('mcp://tool/quote') } },
    'application/json',
  ],
])('a tool that asks for payment %s is told of, and not paid', async (_, message, type) => {
  const { url, got } = await seller(answering(message, type))
  const { pay, asked: payments } = wallet()
  const fetch = payingFetch(pay, limits())
  const response = await fetch(url, post())
  const plain = await globalThis.fetch(url, post())
  expect(await response.text()).toBe(await plain.text())
  expect(receiptOf(response)).toEqual(UNPAID)
  expect([response.url, response.type, response.redirected]).toEqual([plain.url, plain.type, false])
  expect(payments).toEqual([])
  expect(got).toHaveLength(2)
  await (await fetch(url, post())).text()
  expect(heard()).toEqual([expect.stringMatching(/^payingFetch: an MCP tool .* use payingMcp$/)])
  await (await payingFetch(pay, limits())(url, post())).text()
  expect(heard()).toHaveLength(1)
})

test.each([
  ['that is free', CALL, { result: { content: [{ type: 'text', text: 'about x402' }] } }],
  [
    'that is paid for by its caller',
    { ...CALL, params: { ...CALL.params, _meta: { 'x402/payment': {} } } },
    { result: asked },
  ],
  [
    'that is for another tool',
    CALL,
    { result: await flattened(() => refusing(challenge('mcp://tool/other')))({ name: 'quote' }) },
  ],
  ['to another method', { ...CALL, method: 'tools/list' }, { result: asked }],
])('nothing is said of an answer %s', async (_, call, message) => {
  const { url } = await seller(answering(message))
  const response = await payingFetch(wallet().pay, limits())(url, post(call))
  await response.json()
  expect(receiptOf(response)).toEqual({ paid: 'no' })
  expect(heard()).toEqual([])
})

test('a stream is handed on piece by piece, and ends where its reader ends it', async () => {
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => (closed = resolve))
  let more: () => void = () => undefined
  const { url } = await seller((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"a":1}\n\n')
    more = () => void response.write(`data: ${JSON.stringify({ result: asked })}\n\n`)
    response.on('close', closed)
  })
  const response = await payingFetch(wallet().pay, limits())(url, post())
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const piece = async () => Buffer.from((await reader.read()).value ?? []).toString()
  expect(await piece()).toBe('data: {"a":1}\n\n') // the next one is not there yet
  expect(receiptOf(response)).toEqual({ paid: 'no' })
  more()
  expect(await piece()).toContain('x402Version')
  expect(receiptOf(response)).toEqual(UNPAID)
  await reader.cancel()
  await isClosed
})

test('an answer that is no tool call of MCP is handed on as the very object', async () => {
  const { url } = await seller(answering({ result: asked }))
  const answers: Response[] = []
  const fetch: typeof globalThis.fetch = async (...args) => {
    const answer = await globalThis.fetch(...args)
    answers.push(answer)
    return answer
  }
  expect(await payingFetch(wallet().pay, limits(), { fetch })(url)).toBe(answers[0])
})

test.each(['json', 'text'] as const)('payingAxios says it too, of %s', async (responseType) => {
  const { url } = await seller(answering({ result: asked }))
  const instance = axios.create({ responseType })
  const { pay, asked: payments } = wallet()
  payingAxios(instance, pay, limits())
  for (const nth of [1, 2]) {
    const response = await instance.post(url, CALL)
    expect([nth, receiptOf(response)]).toEqual([nth, UNPAID])
  }
  expect(payments).toEqual([])
  expect(heard()).toEqual([expect.stringMatching(/^payingAxios: an MCP tool/)])
})

test('payingAxios says nothing of a free tool', async () => {
  const { url } = await seller(answering({ result: { content: [] } }))
  const instance = axios.create()
  payingAxios(instance, wallet().pay, limits())
  expect(receiptOf(await instance.post(url, CALL))).toEqual({ paid: 'no' })
  expect(heard()).toEqual([])
})

test('what it names pays: payingMcp on the same tool', async () => {
  const { client } = await shop({
    quote: ({ _meta }) => (_meta?.['x402/payment'] ? { content: [] } : asked),
  })
  const { pay, asked: payments } = wallet()
  await payingMcp(client, pay, limits()).callTool({ name: 'quote' })
  expect(payments).toHaveLength(1)
  expect(heard()).toEqual([])
})
