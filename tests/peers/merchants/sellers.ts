import type { Chain } from '../chain/chain.js'
import { startMerchant } from './merchant.js'
import { startMppMerchant } from './mpp-merchant.js'
import type { Seller } from './scene.js'
import { startV1Merchant } from './v1-merchant.js'

export type OpenSeller = Seller & { close: () => Promise<void> }

export interface SellerKind {
  protocol: string
  /** The scheme in which a payment is asked for, as limits name it. */
  scheme: string
  start: (chain: Chain) => Promise<OpenSeller>
}

/** Real sellers of everything that can be paid over HTTP. */
export const SELLERS: SellerKind[] = [
  { protocol: 'x402', scheme: 'exact', start: (chain) => startMerchant(chain) },
  { protocol: 'x402 v1', scheme: 'exact', start: (chain) => startV1Merchant(chain) },
  { protocol: 'MPP', scheme: 'mpp:charge', start: (chain) => startMppMerchant(chain) },
  {
    protocol: 'MPP in a header of its own',
    scheme: 'mpp:charge',
    start: (chain) => startMppMerchant(chain, { requiresAuth: true }),
  },
  {
    protocol: 'MPP and x402 at once',
    scheme: 'exact',
    start: (chain) => startMppMerchant(chain, { protocols: ['mpp', 'x402'] }),
  },
]
