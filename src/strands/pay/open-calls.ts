import type { LocalAgent } from '@strands-agents/sdk'
import type { SignedPayment } from './paying-agent.js'
import { forgetState } from './payment-state.js'

/**
 * Knows which tool calls are not over yet. What is known of a payment is forgotten when its call is over and
 * answered: the next call with this id is another call. Background tasks are answered first, with a note that
 * they were begun. If they were forgotten then, they would be paid for twice.
 */
export interface OpenCalls {
  /** To be called before each attempt. */
  begin(toolUseId: string): void
  /** To be called after the last attempt. */
  end(toolUseId: string): void
  /** To be called when the conversation has an answer. */
  answered(toolUseId: string): void
}

export function createOpenCalls(agent: LocalAgent, signed: Map<string, SignedPayment>): OpenCalls {
  const open = new Map<string, { isAnswered: boolean }>()
  const forget = (toolUseId: string) => {
    signed.delete(toolUseId)
    forgetState(agent, toolUseId)
  }
  return {
    begin(toolUseId) {
      if (!open.has(toolUseId)) open.set(toolUseId, { isAnswered: false })
    },
    end(toolUseId) {
      if (open.get(toolUseId)?.isAnswered === true) forget(toolUseId)
      open.delete(toolUseId)
    },
    answered(toolUseId) {
      const call = open.get(toolUseId)
      if (call === undefined) forget(toolUseId)
      else call.isAnswered = true
    },
  }
}
