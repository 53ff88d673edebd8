// A reporter: which seed the run had, and which files took longest.
import path from 'node:path'

const SHOWN = 10

export default class Slowest {
  onRunComplete(_, { testResults }) {
    const files = testResults
      .map(({ perfStats, testFilePath }) => ({
        seconds: perfStats.runtime / 1000,
        name: path.relative(process.cwd(), testFilePath),
      }))
      .sort((a, b) => b.seconds - a.seconds)
    if (files.length > 1) {
      console.log('\nSlowest test files:')
      for (const { seconds, name } of files.slice(0, SHOWN)) {
        console.log(`${seconds.toFixed(1).padStart(6)} s  ${name}`)
      }
    }
    const { FC_SEED } = process.env
    if (FC_SEED !== undefined) console.log(`Seed of the random cases: FC_SEED=${FC_SEED}`)
  }
}
