import { setImmediate as nextTurn } from 'node:timers/promises'
import type { McpResult } from '../../../src/index.js'
import type { Work } from '../plan.js'
import type { LambdaContext } from './lambda-context.js'

/** What a run of the work gives: every run has a number, so that a replay is told from a second run. */
export const contentOf = (run: number, call: string): string => `run ${run} for ${call}`
export const CONTENT = /run (\d+) for ([\w-]+)/

/** Does the work of handlers and targets. */
export class Workshop {
  #runs = 0
  #work: Work = 'answers'

  begin(work: Work): void {
    this.#work = work
  }

  /** The same for somebody who gives up on what hangs, without waiting really. */
  async runOrTimeOut(call: string, context: LambdaContext): Promise<McpResult> {
    if (this.#work === 'hangs') throw new Error('the work timed out')
    return this.run(call, context)
  }

  /** @throws where the work fails. `hangs` never ends. */
  async run(call: string, context: LambdaContext): Promise<McpResult> {
    this.#runs += 1
    const content = [{ type: 'text' as const, text: contentOf(this.#runs, call) }]
    switch (this.#work) {
      case 'throws':
        throw new Error('the work failed')
      case 'says isError':
        return { isError: true, content: [{ type: 'text', text: 'the work failed' }] }
      case 'hangs':
        return new Promise(() => undefined)
      case 'ends late':
        context.spendAllBut(50)
        return { content }
      case 'takes a while':
        for (let turns = 0; turns < 5; turns++) await nextTurn()
        return { content }
      case 'answers':
        return { content }
    }
  }
}
