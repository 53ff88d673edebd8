import { challengeIn, challengeInError, flattenedResult } from '../../client/mcp/mcp-challenge.js'
import { carriesPayment } from '../../client/mcp/tool-call.js'
import { payingMcp } from '../../client/paying-mcp.js'
import { isRecord } from '../../wire/json.js'
import { PAYMENT_META_KEY } from '../../wire/x402.js'
import type { Asked, Seller } from './buy.js'
import type { McpSession } from './mcp-session.js'

/** A call of a tool. */
export interface WantedTool {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** The tool is a Lambda target of a Gateway that sells by itself. Its price is the text of an ordinary result. */
  readonly isLambdaTarget: boolean
}

type Ending = { readonly result: object } | { readonly error: unknown }

/** Calls a tool over MCP, and pays it with `payingMcp`. */
export function mcpSeller(session: McpSession, url: URL, tool: WantedTool): Seller<object> {
  const { name, isLambdaTarget } = tool
  const params = { name, arguments: tool.arguments }
  const isPaidByCaller = session.isPaidByCaller || carriesPayment(params)
  let first: Ending | undefined
  const send = (wanted: Record<string, unknown>): Promise<object> =>
    session.request('tools/call', wanted) as Promise<object>
  return {
    url,
    isPaidByCaller,
    async ask() {
      first = await send(params).then(
        (result): Ending => ({ result }),
        (error: unknown): Ending => ({ error }),
      )
      return isPaidByCaller ? answered(first) : asked(first, tool)
    },
    pay(payer, limits, sends) {
      const callTool = async (wanted: Record<string, unknown>): Promise<object> => {
        // The call without payment was made already.
        const before = first
        first = undefined
        if (before !== undefined) return answered(before).answer
        sends(paymentIn(wanted))
        return send(wanted)
      }
      const options = { url: url.href, ...(isLambdaTarget && { lambdaTargets: [name] }) }
      return payingMcp({ callTool }, payer, limits, options).callTool(params)
    },
  }
}

/** @throws the error that the call ended with */
function answered(ending: Ending): Asked<object> {
  if ('error' in ending) throw ending.error
  return { answer: ending.result, challenge: undefined }
}

function asked(ending: Ending, { name, isLambdaTarget }: WantedTool): Asked<object> {
  const seen = (isLambda: boolean) =>
    'result' in ending
      ? challengeIn(ending.result, { name, isLambda })
      : challengeInError(ending.error, { name, isLambda })
  const answer = 'result' in ending ? ending.result : {}
  const found = seen(isLambdaTarget)
  if (found !== undefined) return { answer, challenge: found.challenge }
  const inText = seen(true)
  if (inText === undefined) return answered(ending)
  const hint = '--lambda-target, if the tool is a Lambda target that sells by itself'
  return { answer, challenge: inText.challenge, hint }
}

/** The result of a tool. That of a Lambda target is the text of an ordinary result. */
export function ownResult(result: object, { isLambdaTarget }: WantedTool): object {
  const inner = isLambdaTarget ? flattenedResult(result) : undefined
  return isRecord(inner) ? inner : result
}

/** The payment of a call, at either of its places. */
function paymentIn({ _meta, arguments: args }: Record<string, unknown>): unknown {
  const inMeta = isRecord(_meta) ? _meta[PAYMENT_META_KEY] : undefined
  const headers = isRecord(args) && isRecord(args['headers']) ? args['headers'] : {}
  return inMeta ?? headers['PAYMENT-SIGNATURE']
}
