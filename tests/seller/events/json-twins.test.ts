import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hasTwins } from '../../../src/seller/events/json-twins.js'

test.each([
  '{"a":1,"a":2}',
  '{"a":{"b":1,"c":2,"b":3}}',
  '[{"a":1},{"a":1,"b":[],"a":{}}]',
  String.raw`{"a":1,"\u0061":2}`,
  String.raw`{"\"":1,"\u0022":2}`,
  String.raw`{"a\\":1,"b":"\\\"","a\\":2}`,
  '{ "a" : 1 , "b" : [ "a" ] , "a" : 1 }',
])('%s has a member twice', (text) => {
  expect(() => JSON.parse(text) as unknown).not.toThrow()
  expect(hasTwins(text)).toBe(true)
})

test.each([
  '{}',
  '"a"',
  '[1,1,"a","a"]',
  '{"a":"a","b":{"a":"b"},"c":["a","b"]}',
  String.raw`{"a":"\"a\":1,\"a\":2","b":"\\"}`,
  '{"a":[{"a":1},{"a":1}]}',
])('%s has not', (text) => {
  expect(hasTwins(text)).toBe(false)
})

test('no JSON that is written here has one', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => !hasTwins(JSON.stringify(value, null, 1))))
})

test('twice the text takes about twice the time, whatever is in it', () => {
  const once = (text: string): number => {
    const start = performance.now()
    hasTwins(text)
    return performance.now() - start
  }
  const took = (text: string): number => Math.min(...Array.from({ length: 5 }, () => once(text)))
  for (const piece of ['\\\\', '\\"', 'a']) {
    const text = (size: number) => `{"a":"${piece.repeat(size / piece.length)}","b":1}`
    took(text(1 << 20))
    expect(took(text(1 << 21))).toBeLessThan(took(text(1 << 20)) * 4 + 50)
  }
  const deep = (size: number) => '{"a":'.repeat(size) + '1' + '}'.repeat(size)
  expect(took(deep(400_000))).toBeLessThan(took(deep(200_000)) * 4 + 100)
})
