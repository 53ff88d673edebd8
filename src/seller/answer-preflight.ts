import { preflightReply } from './events/cors.js'
import { type SellerOutput, toOutput } from './events/output.js'
import { warnOnce } from './options/warn-once.js'
import { type HandlerSale, runFree } from './sell-call.js'

/**
 * Answers a browser that asks whether a page of another origin may send its request. With the option `cors` we answer.
 * Else the handler does, free of charge, without a body in either direction: whoever sends such a request by hand gets
 * nothing that is sold.
 */
export async function answerPreflight(sale: HandlerSale): Promise<SellerOutput> {
  const { id, transport } = sale.call
  if (transport.cors !== undefined) return toOutput(id, transport, preflightReply(transport.cors))
  const answer = await runFree(sale)
  const names = Object.keys(answer.headers).map((name) => name.toLowerCase())
  if (!names.includes('access-control-allow-origin')) warnOnce(sale, NOT_ALLOWED, {})
  return toOutput(id, transport, { ...answer, outcome: undefined, stream: undefined })
}

const NOT_ALLOWED =
  'A browser asked whether a page of another origin may call this handler, and the handler did not allow it. To sell ' +
  'to browsers, set the option cors, or answer with Access-Control-Allow-Origin.'
