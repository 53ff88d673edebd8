import { challengeIn, challengeInError } from '../../client/mcp/mcp-challenge.js'
import { payingMcp } from '../../client/paying-mcp.js'
import type { Seller } from './buy.js'
import type { McpSession } from './mcp-session.js'

/** A call of a tool. */
export interface WantedTool {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Calls a tool over MCP, and pays it with `payingMcp`. */
export function mcpSeller(session: McpSession, url: URL, tool: WantedTool): Seller<object> {
  type Ending = { readonly result: object } | { readonly error: unknown }
  let first: Ending | undefined
  const send = (params: Record<string, unknown>): Promise<object> =>
    session.request('tools/call', params) as Promise<object>
  return {
    async ask() {
      const ending = await send({ ...tool }).then(
        (result): Ending => ({ result }),
        (error: unknown): Ending => ({ error }),
      )
      first = ending
      const called = { name: tool.name, isLambda: false }
      const found =
        'result' in ending
          ? challengeIn(ending.result, called)
          : challengeInError(ending.error, called)
      if (found === undefined && 'error' in ending) throw ending.error
      const answer = 'result' in ending ? ending.result : {}
      return { answer, challenge: found?.challenge }
    },
    pay(payer, limits) {
      const callTool = async (params: Record<string, unknown>): Promise<object> => {
        // The call without payment was made already.
        const asked = first
        first = undefined
        if (asked === undefined) return send(params)
        if ('error' in asked) throw asked.error
        return asked.result
      }
      return payingMcp({ callTool }, payer, limits, { url: url.href }).callTool({ ...tool })
    },
  }
}
