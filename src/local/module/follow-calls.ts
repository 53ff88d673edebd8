import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import { LINES } from '../../logger.js'
import { EVENTS } from '../../seller/options/payment-events.js'
import { followRequests } from '../http/journal.js'
import type { ModuleMessage } from './messages.js'
import { toJson } from './sent-error.js'

/**
 * Sends what sellers of this process log, what happens to their payments, and which requests they send. The parent notes
 * it as if the seller ran there.
 *
 * @returns a function that runs a call, so that what happens meanwhile belongs to it
 */
export function followCalls(
  send: (message: ModuleMessage) => void,
): <T>(id: number, run: () => T) => T {
  const calls = new AsyncLocalStorage<number>()
  for (const { name } of [LINES, EVENTS]) {
    subscribe(name, (message) => {
      const id = calls.getStore()
      if (id !== undefined)
        send({ kind: 'published', id, channel: String(name), json: toJson(message) })
    })
  }
  followRequests((requestId) => {
    const id = calls.getStore()
    if (id !== undefined) send({ kind: 'asked', id, requestId })
    return id !== undefined
  })
  return (id, run) => calls.run(id, run)
}
