import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import { createFacilitatorConfig, facilitator as configured } from '@coinbase/x402'
import { payerOf, payingFetch, receiptOf } from '../../src/client/index.js'
import { HTTPFacilitatorClient } from '../../src/index.js'
import { functionUrl } from '../local/support/function-url.js'
import { started } from '../local/support/gateway.js'
import { allowing } from './buyers/buyers.js'
import type { Token } from './chain/chain.js'
import { closing, onChain } from './chain/on-chain.js'
import { usdcOn } from './chain/usdc.js'
import { funded } from './chain/wallet-payer.js'
import { facilitatorOverHttp } from './merchants/facilitator-over-http.js'
import { CENT, openTill, sold } from './merchants/money-shop.js'

test('the config of @coinbase/x402 is taken as it is, and names the host of CDP', () => {
  const client = new HTTPFacilitatorClient(configured)
  expect(client.url).toBe('https://api.cdp.coinbase.com/platform/v2/x402')
  expect(new HTTPFacilitatorClient(createFacilitatorConfig()).url).toBe(client.url)
})

test('a config without a url is refused when the client is made', () => {
  const { createAuthHeaders } = configured
  expect(() => new HTTPFacilitatorClient({ createAuthHeaders })).toThrow(
    expect.objectContaining({ name: 'OptionsError', option: 'url' }),
  )
})

await onChain('a seller with the config of @coinbase/x402', (chain) => {
  const open = closing()
  let usdc: Token
  beforeAll(async () => {
    usdc = await usdcOn(chain)
  })

  test('is paid, and signs each request to its facilitator with a token of its own', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const { url, asked, settlements } = await open(facilitatorOverHttp(chain))
    const config = { ...createFacilitatorConfig('organizations/o/apiKeys/k', secret), url }
    const facilitators = [new HTTPFacilitatorClient(config)]
    const till = await openTill(chain, '$0.01', { facilitators, httpEvents: 'http' })
    const { handler } = sold(till.options, () => ({ statusCode: 200, body: 'gold' }))
    const shop = started.add(await functionUrl(handler))
    const account = await funded(chain, 1_000_000n, usdc)

    const paying = payingFetch(payerOf(account), allowing({ token: usdc }, CENT))
    const answer = await paying(shop.url)
    expect([answer.status, await answer.text()]).toEqual([200, 'gold'])
    const [income, ...others] = await till.income()
    expect([income?.from, income?.value, others]).toEqual([account.address, CENT, []])
    expect(receiptOf(answer)).toMatchObject({ paid: 'yes', transaction: income?.transaction })
    expect(settlements).toHaveLength(1)
    const tokens = asked.map(({ path, headers }) => [path, headers.authorization?.slice(0, 10)])
    expect(tokens).toEqual([
      ['/verify', 'Bearer eyJ'],
      ['/settle', 'Bearer eyJ'],
    ])
    expect(new Set(asked.map(({ headers }) => headers.authorization)).size).toBe(2)
  })
})
