import { afterAll, beforeEach, jest } from '@jest/globals'

/** Takes in what the default logger prints, so that it can be looked at and does not fill the terminal. */
export function takeInLog(): { lines: () => string[] } {
  // Powertools then writes to the global console.
  process.env['POWERTOOLS_DEV'] = 'true'
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
  beforeEach(() => void printed.mockClear())
  afterAll(() => printed.mockRestore())
  return { lines: () => printed.mock.calls.map(([line]) => String(line)) }
}
