import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'puppeteer-core'
import { built } from '../support/built.js'
import { toolCall } from '../support/seller.js'
import { describeInBrowser } from './browser/chromium.js'
import { runningStack, type RunningStack } from './browser/running-stack.js'
import { barriers, launch, look, openPage, type OpenPage } from './browser/open-page.js'

const TITLE = 'the page of the local stack, in a browser'
/** Opens a call, and searches. Runs in the browser, which the project has no types of. Unit: ms. */
const SLOWEST_INTERACTION = `async () => {
  const until = (done) => {
    const from = performance.now()
    return new Promise((resolve) => {
      const look = () => {
        if (done()) requestAnimationFrame(() => resolve(performance.now() - from))
        else requestAnimationFrame(look)
      }
      look()
    })
  }
  const first = document.querySelector('#calls button')
  first.click()
  const opened = await until(() => first.getAttribute('aria-current') === 'true')
  const find = document.querySelector('#find')
  find.value = 'settled'
  find.dispatchEvent(new Event('input'))
  const found = await until(() => document.querySelectorAll('#calls li').length < 10)
  return Math.max(opened, found)
}`
const TABS = ['Buy', 'Call', 'Wallets', 'Payments', 'Faults', 'Gateway']

describeInBrowser(TITLE, withBrowser)

function withBrowser(executable: string): void {
  let stack: RunningStack
  let browser: Browser
  let opened: OpenPage
  let page: Page
  beforeAll(async () => {
    await built()
    stack = await runningStack('--port', '0')
    browser = await launch(executable)
    opened = await openPage(browser, stack.url)
    page = opened.page
    await page.waitForSelector('#connection ::-p-text(connected)')
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await stack.close()
  })

  const tool = (text: string) => page.waitForSelector(`::-p-aria([name="${text}"])`)
  const press = async (text: string) => (await tool(text))?.click()
  const shows = (selector: string, text: string, timeout = 5_000) =>
    page.waitForSelector(`${selector} ::-p-text(${text})`, { timeout })
  const callUnpaid = () =>
    fetch(`${stack.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(toolCall('Greeter___hello', { name: 'Ada' })),
    }).then((response) => response.text())

  test('a call is there within a second, and so is what a buyer pays on the page', async () => {
    await callUnpaid()
    await shows('#calls', '402 1 credit or $0.01', 1_000)
    await press('Pay with credits')
    await shows('#panel-buy', 'Hello, ')
    await shows('#calls', 'paid 1 credit, 4999 left', 1_000)
    await press('Pay with USDC')
    await shows('#calls', 'settled $0.01', 5_000)
    await press('Wallets')
    await shows('#panel-wallets', '$999.99', 1_000)
  })

  test('a call that is opened shows its steps and what was said, decoded', async () => {
    await page.click('#calls li:first-child button')
    await shows('#panel-call', 'whole call')
    for (const step of ['verify', 'work', 'settle']) await shows('#panel-call .steps', step)
    const text = await page.evaluate('document.querySelector("#panel-call").textContent')
    expect(text).toContain('"scheme": "exact"')
    expect(text).toMatch(/"signature": "… \(\d+ characters\)"/)
    expect(text).not.toMatch(/0x[\da-f]{130}/)
  })

  test('a fault that is set there takes effect, and is taken back', async () => {
    await press('Faults')
    await page.select('#panel-faults select', 'money')
    await press('Set the fault')
    await shows('#panel-faults', 'facilitator for money: error on every route, 1 more time')
    await press('Buy')
    await press('Pay with USDC')
    await shows('#calls li:first-child', 'unavailable, not charged', 10_000)
    await press('Faults')
    await press('Set the fault')
    await press('Remove: facilitator for money: error on every route, 1 more time')
    await page.waitForFunction('document.querySelector("#panel-faults li") === null')
  })

  test('an assumption that is changed there is kept by the stack', async () => {
    await press('Gateway')
    await (await tool('headerCase'))?.select('title')
    await page.waitForNetworkIdle({ concurrency: 1 })
    await page.reload()
    await press('Gateway')
    await page.waitForFunction('select => select.value === "title"', {}, await tool('headerCase'))
  })

  test('the keyboard is enough: tabs by arrows, a call by arrows and Enter', async () => {
    await page.focus('#tab-gateway')
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate('document.activeElement.id')).toBe('tab-buy')
    await page.focus('#calls li:first-child button')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#panel-call:not([hidden])')
    const second = await page.evaluate(
      'document.querySelector("#calls li:nth-child(2) button").getAttribute("aria-current")',
    )
    expect(second).toBe('true')
  })

  test.each([
    ['light', 1_280],
    ['dark', 1_280],
    ['light', 360],
    ['dark', 360],
  ] as const)('%s, %i px wide: nobody is shut out, nothing sticks out', async (theme, width) => {
    await look(page, { theme, width })
    await mkdir('.cache', { recursive: true })
    for (const tab of TABS) {
      await page.click(`#tab-${tab.toLowerCase()}`)
      expect(await barriers(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      await page.screenshot({ path: `.cache/page-${tab.toLowerCase()}-${theme}-${width}.png` })
    }
  })

  test('a thousand calls leave it quick', async () => {
    await look(page, { theme: 'light', width: 1_280 })
    for (let round = 0; round < 50; round += 1) {
      await Promise.all(Array.from({ length: 20 }, callUnpaid))
    }
    await shows('#older', 'The newest 200 are shown')
    const tookMs = (await page.evaluate(`(${SLOWEST_INTERACTION})()`)) as number
    expect(tookMs).toBeLessThan(100)
  }, 60_000)

  test('after a restart of the stack, the page goes on', async () => {
    // The token of the page is another one then.
    const { port } = new URL(stack.url)
    await stack.close()
    await shows('#connection', 'the stack has ended')
    opened.problems.length = 0
    stack = await runningStack('--port', port)
    await shows('#connection', 'connected', 10_000)
    await callUnpaid()
    await shows('#calls', '402 1 credit or $0.01', 5_000)
  }, 30_000)

  test('nothing went wrong in the browser', () => {
    expect(opened.problems.filter((problem) => !/403|ERR_CONNECTION/.test(problem))).toEqual([])
  })
}
