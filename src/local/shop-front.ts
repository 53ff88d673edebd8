import type { IncomingMessage, ServerResponse } from 'node:http'
import { exampleHandler } from './example-handler.js'
import { mountGateway, type MountableGateway } from './gateway/index.js'
import type { Assumptions } from './gateway/protocol/assumptions.js'
import type { GatewayOptions } from './gateway/protocol/options.js'
import { shopGateway, type Seller, type ShopOptions } from './shop.js'

/** What is sold at `/mcp`. */
export interface ShopFront {
  sell: (shop: ShopOptions, seller: Seller) => void
  /** Changes what the Gateway assumes of AWS, from its next call on. */
  assume: (assume: Partial<Assumptions>) => void
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  close: () => Promise<void>
}

/** Serves `/mcp` with one shop at a time. */
export function openShopFront(): ShopFront {
  let gateway: MountableGateway | undefined
  let options: GatewayOptions | undefined
  let assumed: Partial<Assumptions> = {}
  const open = (next: GatewayOptions): void => {
    const opened = mountGateway({ ...next, assume: { ...next.assume, ...assumed } })
    void gateway?.close()
    gateway = opened
    options = next
  }
  return {
    sell: (shop, seller) => open(shopGateway(shop, seller, exampleHandler)),
    assume: (assume) => {
      assumed = assume
      if (options !== undefined) open(options)
    },
    handle: async (request, response) => gateway?.handle(request, response),
    close: async () => gateway?.close(),
  }
}
