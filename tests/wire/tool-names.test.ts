import { expect, test } from '@jest/globals'
import { challengeIn } from '../../src/client/mcp/mcp-challenge.js'
import { bareToolName, fullToolName, splitToolName } from '../../src/wire/tool-names.js'

test.each([
  ['Weather___forecast', 'Weather', 'forecast'],
  ['Weather___x___forecast', 'Weather', 'x___forecast'],
  ['Weather____forecast', 'Weather', '_forecast'],
  ['Weather___', 'Weather', ''],
  ['___forecast', '', 'forecast'],
])('%s is of target %j and tool %j', (full, target, tool) => {
  expect(splitToolName(full)).toEqual({ target, tool })
  expect(fullToolName(target, tool)).toBe(full)
  expect(bareToolName(full)).toBe(tool)
})

test.each(['forecast', 'fore__cast', ''])('%j is of no target', (name) => {
  expect(splitToolName(name)).toBeUndefined()
  expect(bareToolName(name)).toBe(name)
})

test.each([
  ['x___forecast', true],
  ['Weather___x___forecast', true],
  ['forecast', false],
])('a challenge for %s is one for a call of Weather___x___forecast: %s', (sold, isFor) => {
  const body = {
    x402Version: 2,
    resource: { url: `mcp://tool/${sold}` },
    accepts: [{ scheme: 'exact', network: 'eip155:8453' }],
  }
  const text = JSON.stringify({ isError: true, structuredContent: body, content: [] })
  const called = { name: 'Weather___x___forecast', isLambda: true }
  const found = challengeIn({ content: [{ type: 'text', text }] }, called)
  expect(found !== undefined).toBe(isFor)
})
