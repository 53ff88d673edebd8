import { OptionsError } from '../../errors/payment-error.js'
import { checkEnvironment } from './check-environment.js'
import { checkClock, checkFacilitators } from './check-facilitators.js'
import { checkPlans } from './check-plans.js'
import { checkPrices } from './check-prices.js'
import { checkTable } from './check-table.js'
import { checkUrl } from './check-url.js'
import { type Finding, findingsOf } from './finding.js'
import { checkGateway } from './gateway/check-gateway.js'
import { type LoadedHandler, loadHandler } from './load-handler.js'
import { type Sold, soldBy, soldByEnvironment } from './sold.js'

/** What is examined. */
export interface Wish {
  readonly handler: string | undefined
  readonly gatewayId: string | undefined
  readonly url: string | undefined
  /** The tool that is called at the URL, over MCP. */
  readonly tool: string | undefined
  readonly table: string | undefined
  readonly region: string | undefined
  readonly endpoint: string | undefined
}

/** Examines a seller's setup, one check after the other. It moves no money, and changes nothing. */
export async function* examine(wish: Wish): AsyncGenerator<Finding> {
  yield* checkEnvironment(process.env, Date.now())
  let loaded: LoadedHandler | undefined
  if (wish.handler !== undefined) {
    const { found, handler } = await loadHandler(wish.handler)
    yield found
    loaded = handler
  }
  const sold = whatIsSold(loaded, wish)
  if ('level' in sold) yield sold
  // The questions are asked at once. The answers come in this order.
  const asked = [...('level' in sold ? [] : askedOf(sold, loaded, wish)), ...askedAt(wish, sold)]
  for (const findings of asked) yield* await findings
}

/** A handler that cannot be loaded is no reason to guess what it sells. */
function whatIsSold(loaded: LoadedHandler | undefined, wish: Wish): Sold | Finding {
  if (loaded !== undefined) return soldBy(loaded.prices.settings, loaded.prices.kind)
  try {
    const env = wish.handler === undefined ? process.env : {}
    return soldByEnvironment(env)
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    return findingsOf('environment').fail(error.message, 'Mend the variable.')
  }
}

function askedOf(sold: Sold, loaded: LoadedHandler | undefined, wish: Wish): Promise<Finding[]>[] {
  return [
    checkPlans(sold),
    checkFacilitators(sold),
    checkClock(sold, Date.now),
    ...(loaded === undefined ? [] : [checkPrices(loaded)]),
    checkTable(sold, wish),
  ]
}

function askedAt(
  { gatewayId, region, url, tool }: Wish,
  sold: Sold | Finding,
): Promise<Finding[]>[] {
  const known = 'level' in sold ? undefined : sold
  return [
    ...(gatewayId === undefined ? [] : [checkGateway({ id: gatewayId, region }, known)]),
    ...(url === undefined ? [] : [checkUrl({ url, tool })]),
  ]
}
