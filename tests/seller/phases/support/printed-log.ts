import { afterAll, beforeEach, jest } from '@jest/globals'

/** Catches what the default logger prints. Tests can look at it, and the terminal stays empty. */
export function takeInLog(): { lines: () => string[] } {
  // Powertools then writes to the global console.
  process.env['POWERTOOLS_DEV'] = 'true'
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
  beforeEach(() => void printed.mockClear())
  afterAll(() => printed.mockRestore())
  return { lines: () => printed.mock.calls.map(([line]) => String(line)) }
}
