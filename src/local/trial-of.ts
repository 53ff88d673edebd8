import { isAssetRequirement, isPlanRequirement, type PaymentRequired } from '../wire/x402.js'
import { PaymentRequiredSchema } from '../wire/x402-challenge.js'
import { readPrices } from './trial/read-prices.js'
import { exampleHandler } from './example-handler.js'
import { examplePayment, type ExamplePayment } from './example-payment.js'
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
}

/** Makes the lines for the Gateway, from the tools that it lists and what they cost. */
export async function gatewayTrial(local: Local, shop: ShopOptions): Promise<Trial> {
  const url = `${local.url}/mcp`
  const { target } = shop
  const tools = target === undefined ? listedTools(shop) : await findTools(url)
  if ('problem' in tools) return { blocks: [unlisted(tools.problem, target)] }
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
  const curls = new Curls(local)
  const blocks: string[][] = []
  if (first !== undefined) {
    const title = first.price === 'free' ? 'free: the result' : 'without payment: a challenge'
    blocks.push([`# ${title}`, curls.line(first.request)])
    const paid = [planBlock(local, good, curls), await moneyBlock(local, sold, curls)]
    blocks.push(...paid.filter((one) => one !== undefined))
  } else blocks.push(whyNone(found, good, rows))
  // Names and schemas may be those of a stranger's server.
  const shown = blocks.map((block) =>
    block.map((line) => (/^#/.test(line) ? shellComment(line) : line)),
  )
  return { blocks: shown }
}

function isOffer(price: Candidate['price']): price is PaymentRequired {
  return typeof price === 'object'
}

/** Pays with credits. Nobody knows the price of a handler in another function, so the plan on sale is tried. */
function planBlock(local: Local, good: readonly Candidate[], curls: Curls): string[] | undefined {
  const offered = good.find(({ price }) => isOffer(price) && price.accepts.some(isPlanRequirement))
  const tried = offered ?? good.find(({ price }) => price === 'unknown')
  if (tried === undefined) return undefined
  const { price, request } = tried
  const planId = isOffer(price) ? price.accepts.find(isPlanRequirement)?.planId : local.planId
  const cost = isOffer(price) ? priceIn(onlyPlans(price)) : 'credits, if it takes the plan above'
  const token = (): string => local.accessToken(planId === undefined ? {} : { planId })
  try {
    token()
  } catch {
    return [`# ${tried.name} is sold for plan ${planId}, which the local stack does not know.`]
  }
  local.serveText('credits', token)
  return [`# paid with ${cost}: result and receipt`, curls.line(request, 'credits')]
}

function onlyPlans(offer: PaymentRequired): Record<string, unknown> {
  return { ...offer, accepts: offer.accepts.filter(isPlanRequirement) }
}

/** Pays with money. A signed payment is not valid a second time, so each run of the line has a new one. */
async function moneyBlock(
  local: Local,
  sold: readonly Candidate[],
  curls: Curls,
): Promise<string[] | undefined> {
  for (const { price, request, name } of sold) {
    if (!isOffer(price) || !price.accepts.some(isAssetRequirement)) continue
    const made = await moneyPayment(local, price)
    if ('problem' in made) return [`# ${name}: ${made.problem}.`]
    local.serveText('money', async () => {
      const next = await moneyPayment(local, price)
      return 'payment' in next ? next.payment : ''
    })
    const cost = priceIn({ ...price, accepts: price.accepts.filter(isAssetRequirement) })
    return [
      `# paid with ${cost} in ${local.x402.asset.symbol}: result and receipt`,
      curls.line(request, 'money'),
    ]
  }
  return undefined
}

function moneyPayment({ x402 }: Local, price: PaymentRequired): Promise<ExamplePayment> {
  return examplePayment(x402, PaymentRequiredSchema.parse(price))
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
