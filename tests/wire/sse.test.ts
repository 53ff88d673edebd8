import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readEvents } from '../../src/local/gateway/protocol/sse.js'
import { messageIn, sseReader } from '../../src/wire/sse.js'

const ANSWER = { jsonrpc: '2.0', id: 1, result: { content: [] } }
const json = JSON.stringify(ANSWER)

/** The same answer, in every way a stream may write it. */
const STREAMS: [string, string][] = [
  ['as one line', `data: ${json}\n\n`],
  ['without a space', `data:${json}\n\n`],
  ['with \\r\\n', `event: message\r\ndata: ${json}\r\n\r\n`],
  ['with \\r', `event: message\rdata: ${json}\r\r`],
  ['in several lines', `data: ${JSON.stringify(ANSWER, null, 1).replaceAll('\n', '\ndata: ')}\n\n`],
  ['after others', `: hello\n\nid: 1\ndata:\n\ndata: {"method":"x"}\n\ndata: ${json}\n\n`],
  ['with an id and a time', `retry: 5\nid: 7\ndata: ${json}\n\n`],
]

test.each(STREAMS)('buffered or as it comes, an answer is found: %s', async (_, text) => {
  expect(messageIn(text)).toEqual(ANSWER)
  expect((await streamed([text])).map(({ data }) => data).at(-1)).toBeDefined()
  expect(JSON.parse((await streamed([text])).at(-1)?.data ?? '')).toEqual(ANSWER)
})

test('a buffered stream may be cut off before the empty line at its end', () => {
  expect(messageIn(`data: {"method":"x"}\n\ndata: ${json}`)).toEqual(ANSWER)
  expect(messageIn('data: {"method":"x"}\n\n')).toBeUndefined()
  expect(messageIn('')).toBeUndefined()
})

test('a stream says the same in whatever pieces it comes, and bytes of a letter are put together', async () => {
  const line = fc.constantFrom(
    'data: ä€',
    'data',
    'data:x',
    'id: 4',
    'retry: 10',
    'retry: x',
    ': c',
    '',
  )
  const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')))
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const whole = lines.flat().join('')
      const bytes = Buffer.from(`${whole}\n\n`)
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      expect(await streamed(pieces)).toEqual(sseReader()(`${whole}\n\n`))
    }),
  )
})

async function streamed(pieces: readonly (Buffer | string)[]) {
  const stream = async function* () {
    yield* pieces
  }
  const found = []
  for await (const event of readEvents(stream())) found.push(event)
  return found
}
