import type { BeforeToolCallEvent } from '@strands-agents/sdk'
import { DECLINED } from './error-messages.js'
import { interruptName } from './failure-record.js'
import { readState, writeState } from './payment-state.js'

/**
 * Interrupts the agent if the payment of this very call failed. The agent's user answers when the cause is
 * mended, and the call is made again. The answer `false` declines, and the model is told so.
 *
 * @throws what the SDK interrupts an agent with; it has to pass through
 */
export function beforeToolCall(event: BeforeToolCallEvent): void {
  const { agent, toolUse } = event
  const state = readState(agent, toolUse.toolUseId)
  const { failure, interrupts } = state
  if (failure === undefined) return
  const name = interruptName(toolUse, interrupts)
  const answer = event.interrupt<unknown>({ name, reason: failure })
  // A signed payment is sent again. That counts as an attempt.
  const fresh = { attempts: state.isSigned ? 1 : 0, errorRetries: 0, failure: undefined }
  writeState(agent, toolUse.toolUseId, { ...state, ...fresh })
  if (answer === false) event.cancel = DECLINED
}
