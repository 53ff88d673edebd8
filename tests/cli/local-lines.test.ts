import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Local } from '../../src/local/index.js'
import { built } from '../support/built.js'
import { sell, toolCall } from '../support/seller.js'
import { gatewayEvent } from '../../src/local/gateway-event.js'
import { SHOP, Shop, bundleShop } from './support/shop.js'
import { endStacks, localInTerminal } from './support/local-stack.js'
import { plain, whyNoTerminal } from './support/terminal.js'

const why = whyNoTerminal()
if (why !== undefined) console.warn(`skipped: the lines of the local stack in a terminal (${why})`)
const describeTerminal = why === undefined ? describe : describe.skip

const [DIM, RED, GREEN, YELLOW, CYAN] = [2, 31, 32, 33, 36]

/** How the text of each outcome begins or ends, and its colour. */
const COLOURS: readonly [RegExp, number][] = [
  [/a refund is due$/, RED],
  [/^paid \d+ credits?, \d+ left$/, GREEN],
  [/^settled \$0\.01 0x[\da-f]{8}…$/, GREEN],
  [/^402 /, YELLOW],
  [/^free$/, DIM],
  [/^answered, nothing charged$/, DIM],
  [/^failed: /, RED],
  [/^not charged, the answer is an error: /, YELLOW],
  [/^input refused: /, YELLOW],
  [/^unavailable, not charged: /, RED],
  [/^refused at settle /, RED],
  [/^refused: the payment is used/, RED],
  [/^refused: the payment, or its/, RED],
  [/^refused BCK\.X402\.\d+: /, RED],
  [/^outcome unknown: /, RED],
  [/^pending 0x/, YELLOW],
  [/^the same payment again: /, CYAN],
  [/^in work: /, YELLOW],
  [/^-32\d{3}: /, YELLOW],
  [/^good for /, CYAN],
  [/^BCK\.PROTOCOL\.\d+: /, YELLOW],
]

beforeAll(async () => {
  await built()
  await bundleShop()
}, 60_000)
afterAll(endStacks)

describeTerminal('in a terminal', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await new Shop(localInTerminal(['--handler', SHOP])).open()
  }, 30_000)

  test.each<[string, string | RegExp]>([
    ['hello', 'paid 1 credit, 99 left'],
    ['free', 'free'],
    ['nothing', 'answered, nothing charged'],
    ['throws', /^failed: no such city: Nowhere at tests\/cli\/support\/every-outcome\.ts:\d+$/],
    ['errors', 'not charged, the answer is an error: Hello!'],
    ['unreadable', /^failed: the answer of the handler cannot be read\. Expected an MCP result/],
    ['checked', 'input refused: city is missing'],
    ['no_plan', 'unavailable, not charged: BCK.PROTOCOL.0003: Plan not found'],
    ['no_facilitator', 'unavailable, not charged: facilitator_unavailable: timeout'],
    ['bad_price', /^unavailable, not charged: price_invalid: /],
    ['used', 'refused: the payment is used, or may be used (BCK.X402.0059)'],
    ['refused_settle', 'refused at settle BCK.X402.0005; the result was withheld'],
    ['delivered', 'refused at settle BCK.X402.0005; the result went out all the same'],
    [
      'unknown_settle',
      'outcome unknown: timeout; the buyer may have been charged; the result was withheld',
    ],
    [
      'refund',
      /^paid 1 credit, \d+ left, then failed: no such city: Nowhere at .*every-outcome\.ts:\d+; a refund is due$/,
    ],
    ['listed', '-32602: Unknown tool; sold are Greeter___weather'],
    ['hook', /^paid 1 credit, \d+ left$/],
  ])('a call of %s says: %s', async (tool, text) => {
    await shop.call(tool)
    const line = await shop.line(`Greeter___${tool}`)
    if (typeof text === 'string') expect(line).toBe(text)
    else expect(line).toMatch(text)
  })

  test('a call without payment says what it costs, in credits and in money', async () => {
    await shop.unpaid('money')
    expect(await shop.line('Greeter___money')).toBe('402 $0.01')
    await shop.unpaid('either')
    expect(await shop.line('Greeter___either')).toBe('402 2 to 5 credits or $0.01')
    await shop.call('other_money', 'no payment')
    expect(await shop.line('Greeter___other_money')).toBe('402 $0.01: payment malformed')
  })

  test('a refusal has the code and the words of the facilitator', async () => {
    await shop.call('hello', 'no token')
    expect(await shop.line('Greeter___hello')).toBe('refused BCK.X402.0010: Malformed access token')
  })

  test('money is settled once: then the same payment is answered again, or refused', async () => {
    const payment = await shop.money('money')
    await shop.line('Greeter___money')
    await shop.call('money', payment)
    expect(await shop.line('Greeter___money')).toMatch(/^settled \$0\.01 0x[\da-f]{8}…$/)
    await shop.call('money', payment)
    expect(await shop.line('Greeter___money')).toMatch(
      /^the same payment again: answered as before, not charged again 0x[\da-f]{8}…$/,
    )
    await shop.call('other_money', payment)
    expect(await shop.line('Greeter___other_money')).toMatch(/^refused: the payment, or its/)
  })

  test('a payment that is in work', async () => {
    const payment = await shop.money('slow_money')
    await shop.line('Greeter___slow_money')
    await Promise.all([shop.call('slow_money', payment), shop.call('slow_money', payment)])
    const lines = [await shop.line('Greeter___slow_money'), await shop.line('Greeter___slow_money')]
    expect(lines.sort()).toEqual([
      expect.stringMatching(/^in work: /),
      expect.stringMatching(/^settled \$0\.01 /),
    ])
  })

  test('a settlement that is pending names its transaction', async () => {
    const payment = await shop.money('pending')
    await shop.line('Greeter___pending')
    await shop.call('pending', payment)
    expect(await shop.line('Greeter___pending')).toBe(
      'pending 0x5e5e5e5e…; the result was withheld',
    )
  })

  test('what is no call at all', async () => {
    await shop.post('[]')
    expect(await shop.line('POST /mcp')).toBe('-32600: Invalid Request: batches are not supported')
    await shop.post({ jsonrpc: '2.0', id: 1, method: 'tools/none' })
    expect(await shop.line('tools/none')).toBe('-32601: Method not found: tools/none')
    await shop.call('none')
    expect(await shop.line('Greeter___none')).toMatch(/^paid 1 credit/)
  })

  test('what is never sold has no line', async () => {
    await shop.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    await shop.unpaid('hello')
    await shop.line('Greeter___hello')
    expect(shop.stack.printed).not.toContain('tools/list')
  })

  test('green is paid, yellow is not, red failed', async () => {
    await shop.stack.until(/failed: no such city/)
    const { printed } = shop.stack
    expect(printed).toMatch(/\u001b\[32mpaid 1 credit/)
    expect(printed).toMatch(/\u001b\[33m402 \$0\.01/)
    expect(printed).toMatch(/\u001b\[31mfailed: no such city/)
  })

  test('below a failure come the lines of the own code, and no others', async () => {
    const [, frames = ''] = await shop.stack.until(/no such city.*\n((?: {4}at .*\n)+)/)
    expect(frames).toMatch(/^ {4}at forecast \(tests\/cli\/support\/every-outcome\.ts:\d+:\d+\)\n/)
    expect(frames).not.toMatch(/node:|node_modules|[ (/](src|dist)\//)
  })

  test.each<[string, string, RegExp]>([
    ['raw', 'failed: interceptorOutputVersion is not "1.0"', /takes no payment/],
    ['page', 'failed: interceptorOutputVersion is not "1.0"', /as behind a Function URL/],
    ['crash', 'failed: what is …? at', /takes no payment/],
    ['through', 'failed: the stub target was called', /with --interceptor/],
    ['headless', '402 1 credit', /set passRequestHeaders: true/],
    ['http', "failed: Cannot read properties of undefined (reading 'http')", /for a Function URL/],
    ['hook', 'paid 1 credit', /onAfterSettle threw: no metrics/],
  ])('%s is set up wrongly, and a warning says so once', async (tool, text, warning) => {
    await shop.call(tool)
    await shop.call(tool)
    expect(await shop.line(`Greeter___${tool}`)).toContain(text)
    await shop.line(`Greeter___${tool}`)
    await shop.unpaid('hello')
    await shop.line('Greeter___hello')
    const said = plain(shop.stack.printed).match(/^warning: .*$/gm) ?? []
    expect(said.filter((one) => warning.test(one))).toHaveLength(1)
  })

  test('a seller in another process is seen at the facilitators', async () => {
    const backendUrl = shop.url
    const nvmApiKey = await shop.stack.variable('NVM_API_KEY')
    const planId = await shop.stack.variable('NVM_PLAN_ID')
    const foreign = { url: backendUrl, nvmApiKey, planId } as unknown as Local
    const paid = { 'payment-signature': shop.token }
    await sell(foreign)(gatewayEvent(toolCall('Far___hello'), paid))
    const resource = 'mcp://tool/Far___hello'
    expect(await shop.line(`verify ${resource}`, 'facilitator')).toBe('good for 1 credit')
    expect(await shop.line(`settle ${resource}`, 'facilitator')).toMatch(
      /^paid 1 credit, \d+ left$/,
    )
    const wrong = { ...foreign, planId: '404' }
    await sell(wrong)(gatewayEvent(toolCall('Far___hello'), paid))
    expect(await shop.line('plan', 'facilitator')).toBe('BCK.PROTOCOL.0003: Plan not found')
  })

  test('every line has its form, and every outcome its colour', () => {
    const LINE =
      /^\u001b\[2m\d\d:\d\d:\d\d\u001b\[0m {2}\u001b\[2m(?:gateway {4}|facilitator)\u001b\[0m {2}(\S.*?) {2,}\u001b\[(\d+)m(.+)\u001b\[0m$/
    const lines = shop.stack.printed.split('\n').filter((line) => /^\u001b\[2m\d\d:/.test(line))
    const unlike = lines.filter((line) => !LINE.test(line))
    expect(unlike).toEqual([])
    const seen = lines.map((line) => {
      const [, , code = '', text = ''] = LINE.exec(line) ?? []
      const outcome = COLOURS.findIndex(([pattern]) => pattern.test(text))
      return { text, colour: code, outcome, wanted: String(COLOURS[outcome]?.[1]) }
    })
    expect(seen.filter(({ colour, wanted }) => colour !== wanted)).toEqual([])
    const missing = COLOURS.filter((_, at) => !seen.some(({ outcome }) => outcome === at))
    expect(missing).toEqual([])
  })

  test('no token, key or signature is in any line', () => {
    const after = plain(shop.stack.printed).split('Every call prints a line here:')[1] ?? ''
    expect(after.split('\n').length).toBeGreaterThan(40)
    expect(after.match(/[\w+/=-]{42,}/g) ?? []).toEqual([])
    expect(after).not.toContain(shop.token.slice(0, 20))
  })
})
