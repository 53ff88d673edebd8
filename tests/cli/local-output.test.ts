import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { built } from '../support/built.js'
import { endStacks, localInTerminal, localPiped } from './support/local-stack.js'
import { SHOP, Shop, bundleShop } from './support/shop.js'
import { plain, whyNoTerminal } from './support/terminal.js'

const why = whyNoTerminal()
if (why !== undefined)
  console.warn(`skipped: the colours of the local stack in a terminal (${why})`)
const testTerminal = why === undefined ? test : test.skip

beforeAll(async () => {
  await built()
  await bundleShop()
}, 60_000)
afterEach(endStacks)

test('--json prints an object for each call, and nothing else', async () => {
  const shop = await new Shop(localPiped(['--handler', SHOP, '--json'])).open()
  await shop.call('talks')
  await shop.call('throws')
  await shop.unpaid('hello')
  await shop.stack.until(/"unpaid"/)
  const calls = shop.stack.printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const common = { type: 'call', door: 'gateway', method: 'tools/call', warnings: [] }
  const times = { time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), ms: expect.any(Number) }
  const shopFile = /^tests\/cli\/support\/every-outcome\.ts:\d+$/
  expect(calls).toEqual([
    {
      ...{ ...common, ...times, tool: 'Greeter___talks', outcome: 'paid' },
      ...{ credits: '1', left: '99', network: 'eip155:84532' },
      transaction: expect.stringMatching(/^0x[\da-f]{64}$/),
      payer: expect.stringMatching(/^0x[\da-f]{40}$/),
    },
    {
      ...{ ...common, ...times, tool: 'Greeter___throws', outcome: 'failed' },
      reason: 'no such city: Nowhere',
      error: {
        message: 'no such city: Nowhere',
        place: expect.stringMatching(shopFile),
        frames: expect.arrayContaining([expect.stringMatching(/^forecast \(tests\/cli\//)]),
      },
    },
    { ...common, ...times, tool: 'Greeter___hello', outcome: 'unpaid', price: '1 credit' },
  ])
  expect(shop.stack.errors).toContain('the handler says this')
})

test('--quiet prints nothing of calls', async () => {
  const shop = await new Shop(localPiped(['--handler', SHOP, '--quiet'])).open()
  const before = shop.stack.printed
  await shop.call('hello')
  await shop.call('throws')
  expect(await shop.stack.end()).toBe(0)
  // Without lines, the log is written as in AWS.
  expect(shop.stack.printed).toBe(before)
  expect(shop.stack.errors).toContain('"message":"the handler failed"')
})

test('--verbose prints also what is never sold, how long it took, and whole stacks', async () => {
  const shop = await new Shop(localPiped(['--handler', SHOP, '--verbose'])).open()
  await shop.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  expect(await shop.line('tools/list')).toMatch(/^answered {2}\d+ ms$/)
  await shop.call('throws')
  await shop.stack.until(/^ {4}at .*requires-payment/m)
  await shop.unpaid('hello')
  await shop.line('Greeter___hello')
  // A pipe has no colours, whatever became of a call.
  expect(plain(shop.stack.printed)).toBe(shop.stack.printed)
})

testTerminal('a target that cannot be reached is named, with the reason', async () => {
  const shop = await new Shop(localInTerminal(['--target', 'http://127.0.0.1:9/mcp'])).open()
  await shop.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  expect(await shop.line('tools/list')).toMatch(
    /^failed: Target cannot be reached \(.*ECONNREFUSED/,
  )
  await shop.post({ ...toolCallOf('Target___echo') }, shop.token)
  expect(await shop.line('Target___echo')).toMatch(/^failed: Target cannot be reached \(/)
  const said = plain(shop.stack.printed).match(/^warning: The target cannot be reached\./gm)
  expect(said).toHaveLength(1)
})

function toolCallOf(name: string): Record<string, unknown> {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } }
}

/** Whether a call's line has colours. */
async function isColoured(stack: ReturnType<typeof localPiped>): Promise<boolean> {
  const shop = await new Shop(stack).open()
  await shop.unpaid('hello')
  await shop.line('Greeter___hello')
  return plain(stack.printed) !== stack.printed
}

test('a pipe has colours if FORCE_COLOR asks for them', async () => {
  expect(await isColoured(localPiped([], { FORCE_COLOR: '1' }))).toBe(true)
})

testTerminal('a terminal has no colours if NO_COLOR forbids them', async () => {
  expect(await isColoured(localInTerminal([], { NO_COLOR: '1' }))).toBe(false)
})
