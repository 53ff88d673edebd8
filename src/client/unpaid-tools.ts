import { receiptOf, remember } from './buying/receipt.js'
import { watched } from './http/watched-body.js'
import { PAID_BY_PAYING_MCP, asksIn, asksReader, unpaidToolIn } from './mcp/asks-in-result.js'

/** Notices tools that ask for payment in a result with status 200, which HTTP clients do not pay. */
export interface UnpaidTools {
  /** Returns the answer to pass on. It is known whether it asks for payment once its body was read. */
  watch: (response: Response, requestBody: string | undefined) => Response
  /** Looks at an answer whose body was read already. */
  see: (result: object, body: string | undefined, requestBody: string | undefined) => void
}

/** Each paying client has its own: it warns once, and each receipt says it. */
export function unpaidTools(client: 'payingFetch' | 'payingAxios'): UnpaidTools {
  let isSaid = false
  const note = (result: object) => {
    const { paid, reason } = receiptOf(result)
    if (paid !== 'no' || reason !== undefined) return
    remember(result, { paid: 'no', reason: PAID_BY_PAYING_MCP })
    if (isSaid) return
    isSaid = true
    const message = `${client}: ${PAID_BY_PAYING_MCP}`
    process.emitWarning(message, { type: 'AgentCoreX402Warning', code: 'USE_PAYING_MCP' })
  }
  return {
    watch(response, requestBody) {
      const kind = /^(application\/json|text\/event-stream)\b/i.exec(
        response.headers.get('content-type') ?? '',
      )?.[1]
      const tool = response.ok && kind !== undefined ? unpaidToolIn(requestBody) : undefined
      if (kind === undefined || tool === undefined) return response
      const asks = asksReader(kind.toLowerCase() === 'text/event-stream', tool)
      const same = watched(response, (piece) => {
        if (asks(piece)) note(same)
      })
      return same
    },
    see(result, body, requestBody) {
      const tool = body === undefined ? undefined : unpaidToolIn(requestBody)
      if (body !== undefined && tool !== undefined && asksIn(body, tool)) note(result)
    },
  }
}
