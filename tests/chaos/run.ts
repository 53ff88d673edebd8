/**
 * `npm run chaos`: sells thousands of calls while facilitators, handlers, the Gateway and the network fail, and
 * looks from outside whether every answer about money was right. It exits with 1 where one was wrong.
 *
 *   npm run chaos -- --calls 20000 --seed 7     the same seed plays the same calls
 *   npm run chaos -- --seed 7 --call 4711       one of them alone
 *   npm run chaos -- --containers 2             processes of each seller, whose memories are their own
 *   npm run chaos -- --containers 2 --shared    they share a table that fails, and are killed and frozen
 *   … --broken 'no fencing'                     a rule of the store is broken on purpose
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { BROKEN_RULES, type BrokenRule } from './sharing/broken-rules.js'
import { figuresOf } from './figures.js'
import { isClean, reportOf } from './report.js'
import { simulate } from './simulate.js'

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    call: { type: 'string' },
    lanes: { type: 'string', default: '50' },
    containers: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    shared: { type: 'boolean', default: false },
    broken: { type: 'string' },
  },
})

const outcome = await simulate({
  seed: whole('seed', values.seed),
  calls: whole('calls', values.calls),
  only: values.call === undefined ? undefined : whole('call', values.call),
  lanes: whole('lanes', values.lanes),
  containers: whole('containers', values.containers),
  from: whole('from', values.from),
  isShared: values.shared,
  broken: ruleNamed(values.broken),
})
const text = values.json ? JSON.stringify(figuresOf(outcome)) : reportOf(outcome)
// What killed containers wait for is waited for no longer.
process.stdout.write(`${text}\n`, () => process.exit(isClean(outcome) ? 0 : 1))

function whole(name: string, text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new Error(`--${name} is a whole number, 0 or more: ${text}`)
}

function ruleNamed(text: string | undefined): BrokenRule | undefined {
  const rule = BROKEN_RULES.find((one) => one === text)
  if (rule !== undefined || text === undefined) return rule
  throw new Error(`--broken is one of: ${BROKEN_RULES.join(', ')}`)
}
