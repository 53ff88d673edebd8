import { toDecimal } from '../../seller/options/money/assets.js'
import { creditsText } from '../../wire/amounts.js'
import { VERSION } from '../../version.js'
import type { Local } from '../local-stack.js'
import { exampleOf } from '../trial/example-value.js'
import { findTools } from '../trial/find-tools.js'
import type { PageState, PageTools, PageWallet } from './messages.js'

/** The most wallets of the payments service that are shown. */
const MAX_WALLETS = 20

type Changing = 'faults' | 'faultChoices' | 'assumptions'

/** What the stack is now. */
export async function pageState(local: Local): Promise<Omit<PageState, Changing>> {
  const { url, planId, x402 } = local
  return {
    ...{ version: VERSION, url, planId, network: x402.network, settlesOn: x402.settlesOn },
    ...{ decimals: x402.asset.decimals, wallets: await walletsOf(local) },
  }
}

async function walletsOf(local: Local): Promise<PageWallet[]> {
  const { x402, planId, ledger, subscriberAddress, sellerAddress, paymentsService } = local
  const money = async (address: string): Promise<string> =>
    `$${toDecimal(String(await x402.balanceOf(address)), x402.asset.decimals)}`
  const credits = (address: string): string => creditsText(ledger.balance(planId, address))
  const own: PageWallet[] = [
    { name: 'buyer with credits', address: subscriberAddress, credits: credits(subscriberAddress) },
    {
      name: 'buyer with money',
      address: x402.buyer.address,
      money: await money(x402.buyer.address),
    },
    { name: 'seller', address: sellerAddress, money: await money(sellerAddress) },
  ]
  const instruments = paymentsService.instruments().filter(({ network }) => network === 'ETHEREUM')
  const agents = instruments.slice(-MAX_WALLETS).map(async ({ userId, address }) => ({
    name: `AgentCore wallet of ${userId}`,
    address,
    money: await money(address),
  }))
  return [...own, ...(await Promise.all(agents))]
}

/** Lists the tools as a client does. @param url that of the Gateway */
export async function pageTools(url: string): Promise<PageTools> {
  const found = await findTools(url)
  if ('problem' in found) return { tools: [], problem: found.problem }
  const tools = found.map(({ name, description, inputSchema }) => {
    const example = exampleOf(inputSchema)
    return { name, description, example: 'value' in example ? example.value : {} }
  })
  return { tools }
}
