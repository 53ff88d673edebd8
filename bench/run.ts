/**
 * `npm run bench`: what a paid call costs above two bare POSTs, and what importing costs. Prints ratios,
 * because machines differ. Medians of 7 interleaved runs, with the lowest and highest run.
 *
 * `npm run bench -- --store` prints the rows with a shared store alone; `--records` fills its large table with 100 000
 * records instead of 10 000, which takes a minute.
 */
import { benchBundle } from './bundle.js'
import { benchCalls } from './calls.js'
import { benchCpu } from './cpu.js'
import { benchFlows } from './flows.js'
import { benchStore } from './store.js'

console.log(`Node ${process.version}, ${process.platform} ${process.arch}\n`)
const isOnlyStore = process.argv.includes('--store')
if (!isOnlyStore) {
  await benchCalls(0, 1000)
  await benchCalls(20, 40)
  await benchFlows()
}
await benchStore(process.argv.includes('--records') ? 100_000 : 10_000)
if (!isOnlyStore) {
  await benchCpu()
  await benchBundle()
}
