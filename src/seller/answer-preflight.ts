import { preflightReply } from './events/cors.js'
import { type SellerOutput, toOutput } from './events/output.js'
import { warnOnce } from './options/warn-once.js'
import { type HandlerSale, runFree } from './sell-call.js'

/**
 * Answers a browser that asks whether a page of another origin may send its request (a preflight). With the
 * option `cors` we answer. Without it the handler answers, free of charge. It gets no body, and its body is
 * not sent. So nobody gets anything that is sold by sending such a request.
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
