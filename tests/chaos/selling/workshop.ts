import { setImmediate as nextTurn } from 'node:timers/promises'
import type { McpResult } from '../../../src/index.js'
import type { Work } from '../plan.js'
import type { LambdaContext } from './lambda-context.js'

/** What a run of the work gives: every run has a number, so that a replay is told from a second run. */
export const contentOf = (run: number, call: string): string => `run ${run} for ${call}`
export const CONTENT = /run (\d+) for ([\w-]+)/

/** The prices of a run, in credits and in atomic units. A second run has other ones, so that a wrong amount shows. */
const priceOf = (run: number) => ({
  creditsToCharge: 1 + (run % MAX_CREDITS),
  amountToCharge: String(10_000 - (run % 100)),
})

/** The price of a call, which no run exceeds. Unit: credits. */
export const MAX_CREDITS = 3

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
    const done = { content, _meta: priceOf(this.#runs) }
    switch (this.#work) {
      case 'throws':
        throw new Error('the work failed')
      case 'says isError':
        return { isError: true, content: [{ type: 'text', text: 'the work failed' }] }
      case 'hangs':
        return new Promise(() => undefined)
      case 'ends late':
        context.spendAllBut(50)
        return done
      case 'takes a while':
        for (let turns = 0; turns < 5; turns++) await nextTurn()
        return done
      case 'answers':
        return done
    }
  }
}
