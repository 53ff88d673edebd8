import { isRecord } from '../wire/json.js'

/**
 * A function that asks one JSON-RPC endpoint of a chain. @throws Error if it does not answer, or answers with an
 * error.
 */
export type Rpc = (method: string, params: readonly unknown[]) => Promise<unknown>

/**
 * Makes a function that asks an endpoint. Its errors do not name the endpoint, because the URL can hold a key.
 *
 * @param leftMs what all requests together may still take. Unit: ms.
 */
export function rpcAt(url: string, leftMs: () => number): Rpc {
  let id = 0
  return async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(Math.max(1, Math.floor(leftMs()))),
    })
    const answer: unknown = await response.json()
    if (!response.ok || !isRecord(answer) || isRecord(answer['error'])) throw new Error('no answer')
    return answer['result']
  }
}
