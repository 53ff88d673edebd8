import { TextBlock, ToolResultBlock } from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import { httpRequestPaymentHandler } from '../../src/strands/handlers/http-request-payment-handler.js'

/** What `http_request` of the Python tools answered. */
function resultOf(...texts: string[]): ToolResultBlock {
  const content = texts.map((text) => new TextBlock(text))
  return new ToolResultBlock({ toolUseId: 'call-1', status: 'success', content })
}

function readBy(handler: typeof httpRequestPaymentHandler, result: ToolResultBlock) {
  return {
    statusCode: handler.extractStatusCode(result),
    headers: handler.extractHeaders(result),
    body: handler.extractBody(result),
  }
}

test('its headers may be a dict as Python prints it', () => {
  const headers = String.raw`{'A': 'it\'s', "B": "say \"it's\"", 'C': '\x41\u00e9\n\\', 'D': 4, 'E': True, 'F': ('x', 'y'), 'G': None}`
  const result = resultOf('Status Code: 402', `Headers: ${headers}`)
  expect(readBy(httpRequestPaymentHandler, result).headers).toEqual({
    ...{ A: "it's", B: 'say "it\'s"', C: 'Aé\n\\', D: '4', E: 'true', F: 'x, y' },
  })
})

test.each([
  [String.raw`\x41\u00e9\U000e0001\t`, 'Aé\u{e0001}\t'],
  [String.raw`\U00110000 \X41 \u12 \d \'`, String.raw`\U00110000 \X41 \u12 \d ` + "'"],
])('a text with escapes of Python is read: %s', (written, read) => {
  const result = resultOf('Status Code: 402', `Headers: {'A': '${written}'}`)
  expect(readBy(httpRequestPaymentHandler, result).headers).toEqual({ A: read })
})

test.each(["{'a': b}", "{'a': 'b'", "{'a': true}", "{'a': __import__('os')}", "['a']", ''])(
  'headers %j are none',
  (headers) => {
    const result = resultOf('Status Code: 402', `Headers: ${headers}`)
    expect(readBy(httpRequestPaymentHandler, result)).toEqual({
      statusCode: 402,
      headers: undefined,
      body: undefined,
    })
  },
)
