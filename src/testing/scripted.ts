import { PaymentError } from '../errors/payment-error.js'
import { notLoaded } from '../errors/not-loaded.js'
import type { ScriptedModel } from './scripted-model.js'
import type { ScriptedTurn } from './turns.js'

/**
 * Makes a model for tests of an agent of Strands. It says its turns, one after the other.
 *
 * @example
 * const model = await scriptedModel([
 *   { tools: [{ name: 'http_request', input: { method: 'GET', url } }] },
 *   { text: 'It costs 12 dollars.' },
 * ])
 * const agent = new Agent({ model, plugins: [payments] })
 * @throws PaymentError with code `sdk_missing` if `@strands-agents/sdk` is not installed.
 */
export async function scriptedModel(turns: readonly ScriptedTurn[]): Promise<ScriptedModel> {
  const loaded = await import('./scripted-model.js').catch((cause: unknown) => {
    throw new PaymentError('sdk_missing', notLoaded('@strands-agents/sdk', cause), { cause })
  })
  return new loaded.ScriptedModel(turns)
}
