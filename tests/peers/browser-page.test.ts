import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { requiresPayment, type CorsOptions } from '../../src/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { functionUrl } from '../local/support/function-url.js'
import { inCents } from '../seller/money/support/money.js'
import { SHOP } from '../seller/money/support/x402-payments.js'
import { stack } from '../support/seller.js'
import { describeInBrowser, pageServer } from './browser/chromium.js'
import type { Seen } from './browser/page.js'
import { closing } from './chain/on-chain.js'

const TITLE = 'a page in a browser, with the client that its makers publish'
const SCRIPT = fileURLToPath(new URL('./browser/page.ts', import.meta.url))

describeInBrowser(TITLE, withBrowser)

function withBrowser(browser: string): void {
  const opened = closing()

  /** What a page of another origin sees of a shop with this option. */
  async function visit(corsOf: (origin: string) => true | CorsOptions | undefined) {
    const local = await stack()
    const pages = await opened(pageServer(SCRIPT, browser))
    const handler = requiresPayment(
      () => ({
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ quote: 'gold' }),
      }),
      { ...inCents(local), httpEvents: 'http', cors: corsOf(pages.origin) },
    )
    const at = await opened(functionUrl(handler))
    const key = generatePrivateKey()
    await local.x402.fund(privateKeyToAccount(key).address, 1_000_000n)
    const seen = (await pages.open({ shop: `${at.url}quote`, key })) as {
      refused: Seen
      paid: Seen
    }
    return { ...seen, earned: await local.x402.balanceOf(SHOP) }
  }

  test.each<[string, (origin: string) => true | CorsOptions]>([
    ['every origin', () => true],
    ['its origin', (origin) => ({ origins: [origin] })],
  ])('buys from a shop that allows %s', async (_, cors) => {
    const { refused, paid, earned } = await visit(cors)
    expect(refused).toMatchObject({ status: 402, receipt: null })
    expect(decodeHeader(refused.challenge ?? '')).toMatchObject({ accepts: [{ payTo: SHOP }] })
    expect(paid).toMatchObject({ status: 200, body: '{"quote":"gold"}' })
    expect(decodeHeader(paid.receipt ?? '')).toMatchObject({ success: true })
    expect(earned).toBe(10_000n)
  })

  test.each<[string, CorsOptions | undefined]>([
    ['no page', undefined],
    ['another origin', { origins: ['https://other.example'] }],
  ])('buys nothing from a shop that allows %s', async (_, cors) => {
    const { refused, paid, earned } = await visit(() => cors)
    expect(refused.error).toMatch(/Failed to fetch/)
    expect(paid.error).toMatch(/fetch/i)
    expect(earned).toBe(0n)
  })
}
