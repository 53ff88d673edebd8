/**
 * `npm run chaos`: sells thousands of calls while facilitators, handlers, the Gateway and the network fail, and
 * looks from outside whether every answer about money was right. It exits with 1 where one was wrong.
 *
 *   npm run chaos -- --calls 20000 --seed 7     the same seed plays the same calls
 *   npm run chaos -- --seed 7 --call 4711       one of them alone
 *   npm run chaos -- --containers 2             processes of each seller, whose memories are their own
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { isClean, reportOf } from './report.js'
import { simulate } from './simulate.js'

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    call: { type: 'string' },
    lanes: { type: 'string', default: '50' },
    containers: { type: 'string', default: '1' },
  },
})

const outcome = await simulate({
  seed: whole('seed', values.seed),
  calls: whole('calls', values.calls),
  only: values.call === undefined ? undefined : whole('call', values.call),
  lanes: whole('lanes', values.lanes),
  containers: whole('containers', values.containers),
})
console.log(reportOf(outcome))
process.exitCode = isClean(outcome) ? 0 : 1

function whole(name: string, text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new Error(`--${name} is a whole number, 0 or more: ${text}`)
}
