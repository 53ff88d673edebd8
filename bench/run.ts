/**
 * `npm run bench`: what a paid call costs above two bare POSTs, and what importing costs. Prints ratios,
 * because machines differ. Medians of 7 interleaved runs, with the lowest and highest run.
 */
import { benchBundle } from './bundle.js'
import { benchCalls } from './calls.js'
import { benchCpu } from './cpu.js'
import { benchFlows } from './flows.js'

console.log(`Node ${process.version}, ${process.platform} ${process.arch}\n`)
await benchCalls(0, 1000)
await benchCalls(20, 40)
await benchFlows()
await benchCpu()
await benchBundle()
