import type { Address, Hex } from 'viem'
import { createBudget, type Budget, type PaymentLimits } from '../../../src/client/index.js'
import { allowing, type Buy, type Buyer } from '../buyers/buyers.js'
import type { Chain, Token } from '../chain/chain.js'
import type { Merchant } from './merchant.js'
import { funded, walletPayer, type WalletPayer } from '../chain/wallet-payer.js'

/** What a seller has to have for a scene. */
export type Seller = Pick<Merchant, 'url' | 'payTo' | 'price' | 'token' | 'sold'>

/** A buyer before a seller, and what the chain says of the two. */
export interface Scene {
  buy: Buy
  budget: Budget
  payer: WalletPayer
  /** What left the buyer's wallet. */
  spent: () => Promise<bigint>
  /** What the seller got. */
  earned: () => Promise<bigint>
  /** Amounts of all transfers from the buyer, of whatever token. */
  payments: () => Promise<{ to: Address; value: bigint; transaction: Hex }[]>
  /** What the budget counts as spent or still open. */
  counted: () => bigint
}

export interface SceneOptions {
  limits?: Partial<PaymentLimits>
  /** In calls of the seller's price. @default 1 */
  budgetFor?: number
  /** What the buyer has. @default the chain's */
  token?: Token
  /** How much of it. @default more than any budget of the tests, so that only the budget limits */
  funds?: bigint
}

export async function sceneOf(
  chain: Chain,
  buyer: Buyer,
  { payTo, price }: Pick<Seller, 'payTo' | 'price'>,
  { limits = {}, budgetFor = 1, token = chain.token, funds = 10_000_000n }: SceneOptions = {},
): Promise<Scene> {
  const account = await funded(chain, funds, token)
  const { address } = account
  const payer = walletPayer(account, token)
  const allowed = allowing({ token: chain.token }, price, price * BigInt(budgetFor))
  const budget = createBudget({ ...allowed, ...limits })
  return {
    buy: buyer(payer, budget),
    budget,
    payer,
    spent: async () => funds - (await chain.balanceOf(address, token.asset)),
    earned: () => chain.balanceOf(payTo, token.asset),
    payments: async () =>
      (await chain.transfers())
        .filter(({ from }) => from === address)
        .map(({ to, value, transaction }) => ({ to, value, transaction })),
    counted: () => budget.standing().reduce((sum, { spent, held }) => sum + spent + held, 0n),
  }
}
