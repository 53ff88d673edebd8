import { isRecord, parseJson } from '../../wire/json.js'
import { PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import { readChallenge } from '../buying/read-challenge.js'
import { settledInHeaders, type HeaderLookup } from '../buying/receipt.js'

/** An answer that may ask for money. */
export interface MaybeAsking {
  status: number
  header: HeaderLookup
  /** It is read only if the headers ask for a payment. */
  body: () => Promise<string | undefined>
}

/**
 * The challenge of a seller that asks with status 200. Sellers of `payments-py` behind AgentCore Gateway do
 * so: they ask in the header alone, beside a tool's result that says that the call failed. An answer that
 * delivers something is never paid again, whatever its headers say.
 *
 * @see https://github.com/nevermined-io/payments-py/blob/main/payments_py/x402/agentcore/decorator.py
 */
export async function challengeIn200({
  status,
  header,
  body,
}: MaybeAsking): Promise<Challenge | undefined> {
  const text = status === 200 ? header(PAYMENT_REQUIRED_HEADER) : undefined
  if (!text || settledInHeaders(header) !== undefined) return undefined
  const challenge = readChallenge(decodeHeader(text))
  return challenge !== undefined && saysFailed(await body()) ? challenge : undefined
}

/** Whether it is an error of JSON-RPC, or an error result of a tool. */
function saysFailed(text: string | undefined): boolean {
  const said = text === undefined ? undefined : parseJson(text)
  if (!isRecord(said)) return false
  const { jsonrpc, error, result = said } = said
  if (isRecord(result) && result['isError'] === true) return true
  return jsonrpc === '2.0' && isRecord(error)
}
