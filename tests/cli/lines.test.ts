import { expect, test } from '@jest/globals'
import { csvLine } from '../../src/cli/output/csv.js'
import { shortened, widthOf } from '../../src/cli/output/table-text.js'

test('a line of comma-separated values quotes what it must, and runs nothing', () => {
  const values = ['a,b', 'say "hi"', 'two\nlines', '=1+1', '-key', '@x', '+1', '\tx', -5, undefined]
  expect(csvLine(values)).toBe(`"a,b","say ""hi""","two\nlines",'=1+1,'-key,'@x,'+1,'\tx,-5,\r\n`)
})

test.each([
  ['abcdefghijklmnop', 'abcdefghi…'],
  ['\ufffd[31m=evil, and more', '\ufffd[31m=evi…'],
  ['поискabcdefgh', 'поискabcd…'],
  ['abcdефghijkl', 'abcdефghi…'],
  ['日本語日本語日本語', '日本語日…'],
  ['😀😀😀😀😀😀', '😀😀😀😀…'],
  ['short', 'short'],
])('%s is shortened to a width of 10', (text, short) => {
  expect(shortened(text, 10)).toBe(short)
  expect(widthOf(short)).toBeLessThanOrEqual(10)
})
