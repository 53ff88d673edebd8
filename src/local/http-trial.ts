import { functionUrlEvent } from './function-url/event.js'
import type { LambdaHandler } from './lambda/lambda.js'
import type { Local } from './local-stack.js'
import { linesFor, type Trial } from './trial-of.js'
import { priced } from './trial/candidates.js'
import type { TrialRequest } from './trial/curl.js'
import { readPrices } from './trial/read-prices.js'

/** More rows are not looked at. */
const MAX_ROWS = 50

/** Makes the lines for a seller over plain HTTP, from the methods and paths that it sells. */
export async function httpTrial(local: Local, url: string, handler: LambdaHandler): Promise<Trial> {
  const prices = await readPrices(handler)
  const { host } = new URL(url)
  const rows = prices?.isHttp === true && prices.rows.length > 0 ? prices.rows : ['GET /']
  const eventOf = ({ method = 'GET', url: called }: TrialRequest): unknown => {
    const { pathname } = new URL(called)
    const headers = { host }
    return functionUrlEvent({ method, url: pathname, headers, socket: {} }, Buffer.alloc(0))
  }
  const found = rows.slice(0, MAX_ROWS).map((row) => {
    const [, method = 'GET', path = '/'] = /^(?:([A-Z]+) )?(\/.*)$/.exec(row) ?? []
    return priced({ name: row, request: { url: new URL(path, url).href, method } }, prices, eventOf)
  })
  return linesFor(local, await Promise.all(found), [])
}
