// Whatever reads a text of somebody else does so in one go: twice the text is at most twice the work.
import { expect, test } from '@jest/globals'
import { JsonBlock, TextBlock, ToolResultBlock } from '@strands-agents/sdk'
import { failureOf } from '../../src/agentcore/aws/aws-error.js'
import { fieldsIn, plain } from '../../src/agentcore/aws/field-rules.js'
import { processPaymentError, sessionError } from '../../src/agentcore/manager/manager-errors.js'
import { familyOf, preferenceOf } from '../../src/agentcore/manager/network-preference.js'
import { readPaymentRequired } from '../../src/agentcore/pay/payment-required-request.js'
import { readChallenge } from '../../src/client/buying/read-challenge.js'
import { receiptOf, settledInHeaders } from '../../src/client/buying/receipt.js'
import { didYouMean } from '../../src/errors/did-you-mean.js'
import { factsOf } from '../../src/errors/error-facts.js'
import { failureOfError } from '../../src/errors/facilitator-failure.js'
import { publicReason, redacted } from '../../src/errors/redact.js'
import { memberTextIn, rewrittenJson } from '../../src/seller/answer/rewritten-json.js'
import { plainPath } from '../../src/seller/events/http/plain-path.js'
import { carriersOf, findPayment, stripParams } from '../../src/seller/events/payment-carriers.js'
import { asPayable } from '../../src/strands/handlers/mcp-challenge.js'
import { parsePythonLiteral } from '../../src/strands/handlers/python-literal.js'
import { hasPlace } from '../../src/strands/handlers/schema-place.js'
import { isPrivateAddress } from '../../src/strands/http-request/private-addresses.js'
import { envelopeOf } from '../../src/strands/http-request/http-envelope.js'
import { genericPaymentHandler } from '../../src/strands/handlers/generic-payment-handler.js'
import { httpRequestPaymentHandler } from '../../src/strands/handlers/http-request-payment-handler.js'
import { mcpRequestPaymentHandler } from '../../src/strands/handlers/mcp-request-payment-handler.js'
import { PaymentRejected } from '../../src/strands/pay/payment-rejected.js'
import { sameId, toAmount } from '../../src/wire/amounts.js'
import { toAtomic } from '../../src/seller/options/money/assets.js'
import { isRecord, parseJson } from '../../src/wire/json.js'
import { isLoopback } from '../../src/wire/loopback.js'
import {
  decodeCredential,
  decodeReceipt,
  expiryOf,
  isForAuthorization,
  mppChallenges,
  type MppChallenge,
} from '../../src/wire/mpp.js'
import { caip2, isAwsNetwork } from '../../src/wire/networks.js'
import { readIdentifier } from '../../src/wire/payment-identifier.js'
import { assetPaymentKey } from '../../src/wire/payment-key.js'
import { messageIn, sseReader } from '../../src/wire/sse.js'
import { isResourceOf, splitToolName } from '../../src/wire/tool-names.js'
import { decodeHeader, decodeToken } from '../../src/wire/x402.js'
import { DEEP_JSON, HOSTILE_TEXTS } from './support/hostile-texts.js'
import { tooMuchWork } from './support/work.js'

const SHORT_PIECE_CHARS = 64

function inPieces(text: string): void {
  const read = sseReader()
  for (let at = 0; at < text.length; at += SHORT_PIECE_CHARS) {
    read(text.slice(at, at + SHORT_PIECE_CHARS))
  }
}

function resultOf(status: 'success' | 'error', blocks: unknown[]): ToolResultBlock {
  const content = blocks.map((one) =>
    typeof one === 'string' ? new TextBlock(one) : new JsonBlock({ json: one as never }),
  )
  return new ToolResultBlock({ toolUseId: 'call-1', status, content })
}

const HANDLERS = [genericPaymentHandler, httpRequestPaymentHandler, mcpRequestPaymentHandler]

/** A result of these blocks, as every handler reads it whether its tool failed or not. */
function readResult(...blocks: unknown[]): void {
  for (const status of ['error', 'success'] as const) {
    const result = resultOf(status, blocks)
    for (const handler of HANDLERS) handler.extractHeaders(result)
  }
}

/** What is longer is not read. Unit: characters. */
const MOST_OF_PYTHON = 65_536

const readHttpRequest = (...blocks: string[]) =>
  httpRequestPaymentHandler.extractHeaders(resultOf('success', blocks))

const MARKER = 'PAYMENT_REQUIRED: '
const carriers = () => carriersOf(['authorization', 'payment-signature', 'x-payment'])
const inLists = (text: string) => text.match(/[^]{1,256}/g) ?? []
const named = (text: string) =>
  Object.fromEntries((text.match(/[^]{1,4096}/g) ?? []).map((one, i) => [`${one}${i}`, one]))
const CALLED = { name: 'shop___tea', isProxied: false, isLambda: true }
const challenge = (more: object): MppChallenge => ({
  ...{ id: 'a', realm: 'a', method: 'evm', intent: 'charge', request: {}, raw: '' },
  ...more,
})

const READERS: Record<string, (text: string) => unknown> = {
  parseJson,
  'an event stream': (text) => messageIn(text),
  'an event stream of messages': (text) => messageIn(`data: ${text}\n\ndata: ${text}`),
  'an event stream in short pieces': inPieces,
  'an event stream whose line comes in short pieces': (text) => inPieces(`data: ${text}`),
  'challenges of MPP': mppChallenges,
  'a challenge of MPP': (text) =>
    mppChallenges(`Payment id="${text}", realm="a", request="${text}"`),
  'challenges of MPP in a list': (text) => mppChallenges(inLists(text)),
  'the expiry of MPP': (text) => expiryOf(challenge({ expires: `2030-01-01T00:00:00.${text}` })),
  'the header of MPP': (text) => isForAuthorization(challenge({ raw: `Payment header=${text}` })),
  'a credential': decodeCredential,
  'a receipt of MPP': decodeReceipt,
  'a payment header': decodeHeader,
  'a payment token': decodeToken,
  'an amount': toAmount,
  'a decimal': (text) => toAtomic(`0.${text}`, 6),
  'an id': (text) => sameId(`0x${text}`, `0X${text}`),
  'a network': (text) => [caip2(text), isAwsNetwork(text), familyOf(`eip155:${text}`)],
  'a preferred network': (text) => preferenceOf(text, ['base', text]),
  'a name of a tool': (text) => [splitToolName(text), isResourceOf(text, `mcp://tool/${text}`)],
  'an id of a payment': (id) =>
    readIdentifier({ extensions: { 'payment-identifier': { info: { id } } } }, 'optional'),
  'a transaction': (transaction) =>
    assetPaymentKey(
      { payload: { transaction } },
      { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', asset: 'USDC' },
    ),
  'a loopback host': (text) => [isLoopback(text), isLoopback(`::ffff:${text}`)],
  'a private address': isPrivateAddress,
  'a private address of IPv6': (text) => isPrivateAddress(`64:ff9b::${text}%${text}`),
  'a reason': (text) => [publicReason(text), redacted(text)],
  'a name that is not known': (text) => didYouMean(text, ['region', 'network']),
  'an error': (text) => factsOf(Object.assign(new Error(text), { name: text, code: text })),
  'a code of a facilitator': (code) => failureOfError({ code }),
  'a message of AWS': (message) =>
    [processPaymentError, sessionError].map((specific) =>
      failureOf(
        Object.assign(new Error(message), { $fault: 'client', name: 'ValidationException' }),
        {
          operation: 'ProcessPayment',
          specific,
        },
      ),
    ),
  'a field of AWS': (text) => [plain(text), fieldsIn(text)],
  'a reason of a rejection': (error) => new PaymentRejected({ error }),
  'a JSON text that is written anew': (text) => {
    const value = parseJson(text)
    const after = isRecord(value) ? { ...value, a: 1 } : value
    try {
      return [rewrittenJson(text, value, after, true), memberTextIn(text, 'a')]
    } catch {
      return undefined // values that differ are nested deeper than the stack
    }
  },
  'a JSON text with a long list beside a payment': (text) => {
    const value = { a: { b: text, c: [text] } }
    const after = { ...value, a: { ...value.a, b: 1 } }
    return rewrittenJson(JSON.stringify(value), value, after)
  },
  'a path': (text) => plainPath(`/${text}`),
  'payments in headers': (text) =>
    findPayment({ authorization: text, 'x-payment': text }, {}, carriers()),
  'payments in parameters': (text) => {
    const headers = { 'payment-signature': text, ...named(text) }
    const params = { _meta: { 'x402/payment': { payload: { text } } }, arguments: { headers } }
    return [findPayment({}, params, carriers()), stripParams(params, carriers())]
  },
  'a receipt': (text) =>
    receiptOf({ _meta: { 'x402/payment-response': { success: false, errorReason: text } } }),
  'a receipt in a header': (text) => settledInHeaders(() => text),
  'a challenge': (text) =>
    readChallenge({ x402Version: 2, accepts: inLists(text), resource: { url: text } }),
  'a 402 in headers': (text) =>
    readPaymentRequired({
      statusCode: 402,
      headers: { 'payment-required': text, 'www-authenticate': [text, text] },
      body: text,
    }),
  'a 402 with many headers': (text) =>
    readPaymentRequired({
      statusCode: 402,
      headers: inLists(text).map((one) => ['www-authenticate', one]),
    }),
  'what Python prints': (text) => parsePythonLiteral(text.slice(0, MOST_OF_PYTHON)),
  'a dict that Python prints': (text) =>
    parsePythonLiteral(`{'a': ${text}`.slice(0, MOST_OF_PYTHON)),
  'a text of a tool': readResult,
  'texts of a tool': (text) =>
    genericPaymentHandler.extractHeaders(resultOf('error', inLists(text))),
  'a marked text of a tool': (text) => readResult(MARKER + text),
  'a marked body of a tool': (body) =>
    readResult(MARKER + JSON.stringify({ statusCode: 402, body })),
  'the headers of http_request in Python': (text) =>
    readHttpRequest(
      'Status Code: 402',
      `Headers: ${text.slice(0, MOST_OF_PYTHON)}`,
      `Body: ${text}`,
    ),
  'a dict of headers of http_request in Python': (text) =>
    readHttpRequest(
      'Status Code: 402',
      `Headers: {'www-authenticate': ${text}`.slice(0, MOST_OF_PYTHON),
    ),
  'an object of a tool': (text) =>
    readResult({ status: 402, headers: named(text), body: text, structuredContent: text }),
  'a flattened result': (text) => asPayable({ content: [{ type: 'text', text }] }, CALLED),
  'an error result': (text) =>
    asPayable(
      { isError: true, content: [{ type: 'text', text }, { text: MARKER + text }] },
      CALLED,
    ),
  'headers beside a result': (text) =>
    asPayable(
      { isError: true, content: [], responseHeaders: { 'www-authenticate': text } },
      CALLED,
    ),
  'a schema': (text) => hasPlace({ $ref: `#/${text}`, anyOf: inLists(text) }, ['headers', 'a']),
  'an answer of HTTP': (text) =>
    envelopeOf(
      {
        statusCode: 200,
        headers: { 'content-type': text },
        body: Buffer.from(text),
        isTruncated: false,
      },
      [text.slice(0, 100)],
    ),
}

test.each(Object.entries(READERS))('%s is read in one go, whatever it is', async (_, read) => {
  const slow: string[] = []
  for (const [name, make] of HOSTILE_TEXTS) {
    const problem = await tooMuchWork(read, make)
    if (problem !== undefined) slow.push(`${name}: ${problem}`)
  }
  expect(slow).toEqual([])
})

test.each(Object.entries(READERS))('%s that is nested deeply breaks nothing', (_, read) => {
  for (const [name, make] of DEEP_JSON) {
    for (const levels of [3_000, 30_000]) {
      const texts = [make(levels), Buffer.from(make(levels)).toString('base64url')]
      for (const text of texts) {
        const broken = thrownBy(() => read(text))
        expect([name, levels, broken instanceof RangeError ? broken.message : '']).toEqual([
          name,
          levels,
          '',
        ])
      }
    }
  }
})

function thrownBy(task: () => unknown): unknown {
  try {
    task()
    return undefined
  } catch (error) {
    return error
  }
}
