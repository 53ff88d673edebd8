import { isAssetRequirement, isPlanRequirement, type PaymentRequired } from '../wire/x402.js'
import { PaymentRequiredSchema } from '../wire/x402-challenge.js'
import { readPrices } from './trial/read-prices.js'
import { exampleHandler } from './example-handler.js'
import { examplePayment } from './example-payment.js'
import { gatewayEvent } from './gateway-event.js'
import { priceIn } from './lines/prices.js'
import type { Local } from './local-stack.js'
import { listedTools, shopGateway, type ShopOptions } from './shop.js'
import { candidatesOf, type Candidate, type Unfit } from './trial/candidates.js'
import { Curls, shellComment, shellJson, type TrialRequest } from './trial/curl.js'
import { findTools } from './trial/find-tools.js'

/** Lines that try what is sold. */
export interface Trial {
  /** Each block is a comment and a line for a shell, or comments. */
  readonly blocks: readonly (readonly string[])[]
  /** The variables that the lines need. They hold payments. */
  readonly variables: Readonly<Record<string, string>>
}

const PLAN_PAYMENT = 'X402_PLAN_PAYMENT'
const MONEY_PAYMENT = 'X402_MONEY_PAYMENT'

/** Makes the lines for the Gateway, from the tools that it lists and what they cost. */
export async function gatewayTrial(local: Local, shop: ShopOptions): Promise<Trial> {
  const url = `${local.url}/mcp`
  const { target } = shop
  const tools = target === undefined ? listedTools(shop) : await findTools(url)
  if ('problem' in tools) return { blocks: [unlisted(tools.problem, target)], variables: {} }
  const { nvmApiKey, planId, sellerAddress: address } = local
  const seller = { nvmApiKey, backendUrl: local.url, planId, address, store: undefined }
  const { requestInterceptor } = shopGateway(shop, seller, exampleHandler)
  const prices = await readPrices(requestInterceptor?.lambda)
  const requestOf = (name: string, args: unknown): TrialRequest => {
    const params = { name, arguments: args }
    return { url, body: shellJson({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }) }
  }
  const eventOf = ({ body = '' }: TrialRequest): unknown => gatewayEvent(JSON.parse(body), {}, body)
  const found = await candidatesOf(tools, requestOf, prices, eventOf)
  return linesFor(local, found, prices?.rows ?? [])
}

function unlisted(problem: string, target: string | undefined): string[] {
  return [
    `# ${problem}. Is an MCP server running at ${target}?`,
    '# Calls are passed on as soon as it runs. Start this command again to get lines to try.',
  ]
}

/** The lines that try the calls: one without payment, and one for each way to pay. */
export async function linesFor(
  local: Local,
  found: readonly (Candidate | Unfit)[],
  rows: readonly string[],
): Promise<Trial> {
  const good = found.filter((one) => 'price' in one)
  const sold = good.filter(({ price }) => isOffer(price))
  const first = sold[0] ?? good.find(({ price }) => price !== 'unsold')
  const curls = new Curls()
  const blocks: string[][] = []
  const variables: Record<string, string> = {}
  if (first !== undefined) {
    const title = first.price === 'free' ? 'free: the result' : 'without payment: a challenge'
    blocks.push([`# ${title}`, curls.line(first.request)])
    const plan = planBlock(local, good, curls)
    const money = await moneyBlock(local, sold, curls)
    for (const one of [plan, money]) {
      if (one === undefined) continue
      blocks.push(one.block)
      Object.assign(variables, one.variables)
    }
  } else blocks.push(whyNone(found, good, rows))
  // Names and schemas may be those of a stranger's server.
  const shown = blocks.map((block) =>
    block.map((line) => (/^#/.test(line) ? shellComment(line) : line)),
  )
  return { blocks: shown, variables: { ...variables, ...curls.variables } }
}

interface Paid {
  readonly block: string[]
  readonly variables?: Readonly<Record<string, string>>
}

function isOffer(price: Candidate['price']): price is PaymentRequired {
  return typeof price === 'object'
}

/** Pays with credits. Nobody knows the price of a handler in another function, so the plan on sale is tried. */
function planBlock(local: Local, good: readonly Candidate[], curls: Curls): Paid | undefined {
  const offered = good.find(({ price }) => isOffer(price) && price.accepts.some(isPlanRequirement))
  const tried = offered ?? good.find(({ price }) => price === 'unknown')
  if (tried === undefined) return undefined
  const { price, request } = tried
  const planId = isOffer(price) ? price.accepts.find(isPlanRequirement)?.planId : local.planId
  const cost = isOffer(price) ? priceIn(onlyPlans(price)) : 'credits, if it takes the plan above'
  try {
    const payment = local.accessToken(planId === undefined ? {} : { planId })
    const block = [`# paid with ${cost}: result and receipt`, curls.line(request, PLAN_PAYMENT)]
    return { block, variables: { [PLAN_PAYMENT]: payment } }
  } catch {
    return {
      block: [`# ${tried.name} is sold for plan ${planId}, which the local stack does not know.`],
    }
  }
}

function onlyPlans(offer: PaymentRequired): Record<string, unknown> {
  return { ...offer, accepts: offer.accepts.filter(isPlanRequirement) }
}

/** Pays with money, which works once: a signed payment is not valid a second time. */
async function moneyBlock(
  local: Local,
  sold: readonly Candidate[],
  curls: Curls,
): Promise<Paid | undefined> {
  for (const { price, request, name } of sold) {
    if (!isOffer(price) || !price.accepts.some(isAssetRequirement)) continue
    const made = await examplePayment(local.x402, PaymentRequiredSchema.parse(price))
    if ('problem' in made) return { block: [`# ${name}: ${made.problem}.`] }
    const cost = priceIn({ ...price, accepts: price.accepts.filter(isAssetRequirement) })
    const block = [
      `# paid with ${cost} in ${local.x402.asset.symbol}, once: result and receipt`,
      curls.line(request, MONEY_PAYMENT),
    ]
    return { block, variables: { [MONEY_PAYMENT]: made.payment } }
  }
  return undefined
}

/** Why no line can be printed. */
function whyNone(
  found: readonly (Candidate | Unfit)[],
  good: readonly Candidate[],
  rows: readonly string[],
): string[] {
  const unfit = found.filter((one) => 'problem' in one).slice(0, MAX_REASONS)
  if (unfit.length > 0) return unfit.map(({ name, problem }) => `# ${name}: ${problem}.`)
  const listed = good.map(({ name }) => name).join(', ')
  if (listed === '') return ['# No tool is listed.']
  return [
    `# None of the listed tools is sold: ${listed}.`,
    ...(rows.length === 0
      ? []
      : [
          `# The option tools has: ${rows.join(', ')}. Export "tools" from the module to list them.`,
        ]),
  ]
}

const MAX_REASONS = 3
