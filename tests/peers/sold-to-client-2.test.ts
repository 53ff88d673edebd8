import { expect, test } from '@jest/globals'
import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { payingMcp, receiptOf } from '../../src/client/index.js'
import { buyer } from '../client/support/client.js'
import { started } from '../local/support/gateway.js'
import { SHOWN } from '../seller/phases/support/phases.js'
import { stack } from '../support/seller.js'
import { SHOPS, pair } from '../seller/phases/support/shops.js'
import { startModernServer } from './servers/modern-server.js'

const MODES: [string, VersionNegotiationMode][] = [
  ['2025-11-25', 'legacy'],
  ['2026-07-28, stateless', { pin: '2026-07-28' }],
]

/** An MCP server of the new generation behind an HTTP target, which a Gateway does not translate for. */
const modernHttp = pair(async (shop) => {
  const { url } = shop.add(await startModernServer('stateless'))
  return { name: 'srv', http: new URL(url).origin }
})

const isHttp = ([name]: (typeof SHOPS)[number]): boolean => name.includes('HTTP')
const OFFERED: typeof SHOPS = [
  ...SHOPS.filter((shop) => !isHttp(shop)),
  ['the pair before an HTTP target of either generation', modernHttp],
]

const CASES = OFFERED.flatMap(([name, open]) =>
  MODES.flatMap(([version, mode]) =>
    SHOWN.map((shown) => [version, name, shown, open, mode] as const),
  ),
)

test.each(CASES)(
  'version 2 of the client at %s lists, is refused, pays and gets its receipt: %s, %s request',
  async (_version, _name, responseSees, open, mode) => {
    const local = await stack()
    const shop = await open(started, local, { responseSees })
    const client = new Client({ name: 'buyer', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(new URL(shop.url)))
    started.add(client)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(shop.tool)

    const call = { name: shop.tool, arguments: { say: 'gold' } }
    const refused = await client.callTool(call)
    expect(refused.isError).toBe(true)
    expect(JSON.stringify(refused)).not.toContain('gold')

    const credits = { maxAmountPerPayment: 1n, total: 1n }
    const paying = payingMcp(client, buyer(local), { plans: [local.planId], credits })
    const paid = await paying.callTool(call)
    expect(JSON.stringify(paid.content)).toContain('gold')
    expect(receiptOf(paid)).toMatchObject({ paid: 'yes', amount: '1', remainingBalance: '99' })
    expect(local.balance()).toBe(99n)
  },
)
