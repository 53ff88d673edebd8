import { isRecord, parseJson } from '../../wire/json.js'
import type { Evidence } from '../buying/conclusions.js'
import { saysPending } from '../buying/pending.js'
import { settledIn } from '../buying/receipt.js'
import type { Attempt } from '../buying/send-payment.js'
import type { Ending } from './call-tool.js'
import {
  challengeIn,
  challengeInError,
  flattenedResult,
  type CalledTool,
  type Carrier,
} from './mcp-challenge.js'

/** What the result of a paid call says about its payment, and whether it is what was bought. */
export function readPaidResult(
  { result, failure }: Ending,
  tool: CalledTool,
  carrier: Carrier,
): Omit<Attempt<never>, 'answer' | 'failure'> {
  const again = challengeIn(result, tool) ?? challengeInError(failure?.error, tool)
  // A text is read only if the seller has no other place for a receipt: a tool may quote anybody's words.
  const inText = carrier === 'arguments' && tool.isLambda
  const inner = inText ? flattenedResult(result) : undefined
  const settled = settledIn(result) ?? settledIn(inner)
  const refused =
    again && (inText || again.carrier !== 'arguments')
      ? { reason: again.challenge.error }
      : undefined
  const isFailed = failure !== undefined || [result, inner].some(isRefusal)
  const isPending =
    settled?.success !== true &&
    (saysPending(settled) || (isFailed && saidBy(result, failure).some(saysPending)))
  const evidence: Evidence = { settled, refused, isPending }
  return { evidence, isDelivered: !isFailed && again === undefined }
}

function isRefusal(result: unknown): boolean {
  if (!isRecord(result)) return false
  return result['isError'] === true || result['resultType'] === 'payment_required'
}

/** The places where an error result, or an error of JSON-RPC, gives its reason. */
function saidBy(result: unknown, failure: Ending['failure']): unknown[] {
  const data =
    failure?.error instanceof Error ? (failure.error as { data?: unknown }).data : undefined
  if (!isRecord(result)) return [data]
  const { structuredContent, paymentRequired, content } = result
  const blocks: unknown[] = Array.isArray(content) ? content : []
  const [first] = blocks
  const text = isRecord(first) ? first['text'] : undefined
  const isShort = typeof text === 'string' && text.length <= MAX_TEXT_CHARS
  return [data, structuredContent, paymentRequired, isShort ? parseJson(text) : undefined]
}

/** A longer text is not searched for a reason. Unit: characters. */
const MAX_TEXT_CHARS = 65_536
