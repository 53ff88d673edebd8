// Starts the slowest test files first, so that no worker is left with a long one at the end.
import Sequencer from '@jest/test-sequencer'

/**
 * Seconds of the slowest files, for a checkout that has not run them yet; what Jest measured here counts
 * more. A file that is not named takes about a second.
 */
const SECONDS = {}

export default class SlowestFirst extends Sequencer {
  sort(tests) {
    for (const test of tests) test.duration = this.time(test)
    const rank = (test) => (this.hasFailed(test) ? Infinity : (test.duration ?? recordedMs(test)))
    return tests.toSorted((a, b) => rank(b) - rank(a) || (a.path < b.path ? -1 : 1))
  }
}

function recordedMs({ path, context }) {
  const name = path
    .slice(context.config.rootDir.length + 1)
    .replaceAll('\\', '/')
    .replace(/^tests\/|\.test\.ts$/g, '')
  return (SECONDS[name] ?? 1) * 1000
}
