import { expect, test } from '@jest/globals'
import { Stalls } from './stalls.js'

test('the simulator sees that its process stood still, and only then', async () => {
  const stalls = new Stalls()
  try {
    const before = performance.now()
    expect(await stalls.since(before)).toBe(false)
    const end = performance.now() + 1_300
    while (performance.now() < end);
    expect(await stalls.since(before)).toBe(true)
    expect(await stalls.since(performance.now())).toBe(false)
  } finally {
    stalls.stop()
  }
})
