import { expect, test } from '@jest/globals'
import { folded, isOtherSpelling } from '../../../src/seller/events/folded.js'

test('all letters that fold to one another in any case do so here', () => {
  const apart: string[] = []
  for (let point = 0x21; point <= 0x10_ff_ff; point += 1) {
    if (point >= 0xd8_00 && point <= 0xdf_ff) continue
    const letter = String.fromCodePoint(point)
    const others = [letter.toUpperCase(), letter.toLowerCase(), letter.normalize('NFKC')]
    for (const other of others) {
      if (other !== letter && folded(other) !== folded(letter)) apart.push(letter)
    }
  }
  expect(apart).toEqual([])
})

/** JavaScript's `iu` folds as Go does: by simple case folding. */
test('what Go takes for one letter is one here', () => {
  for (const letter of 'abcdefghijklmnopqrstuvwxyz/_') {
    const same = new RegExp(`^${letter}$`, 'iu')
    for (let point = 0; point <= 0xff_ff; point += 1) {
      const other = String.fromCharCode(point)
      if (same.test(other)) expect(folded(other)).toBe(letter)
    }
  }
})

test.each([
  ['params', 'param\u017f'],
  ['task', 'tas\u212a'],
  ['_meta', '_META'],
  ['name', '\uff4eame'],
  ['arguments', 'argu\u200bments'],
  ['id', '\u0130d'],
  ['id', '\u0131d'],
  ['x402/payment', 'X402/Payment'],
])('%s is what %p spells too', (name, other) => {
  expect(isOtherSpelling(other, [name])).toBe(true)
  expect(isOtherSpelling(name, [name])).toBe(false)
})

test.each(['nam', 'names', 'nàme', 'n ame'])('%p is another name', (other) => {
  expect(isOtherSpelling(other, ['name'])).toBe(false)
})
