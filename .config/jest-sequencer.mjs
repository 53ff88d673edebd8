// Starts the slowest test files first, so that no worker is left with a long one at the end.
import Sequencer from '@jest/test-sequencer'

/**
 * Seconds of the slowest files, for a checkout that has not run them yet; what Jest measured here counts
 * more. A file that is not named takes about a second.
 */
const SECONDS = {
  'chaos/soak': 174,
  'store/interleavings': 87,
  'worker/killed-sellers': 85,
  'worker/killed-workers': 71,
  'seller/flows/deadlines': 52,
  'cli/payments': 51,
  'store/kills': 50,
  'house/package': 45,
  'chaos/shared': 44,
  'house/linear-parsers': 40,
  'house/cli': 40,
  'store/contract': 39,
  'store/guard/containers': 38,
  'cli/init-seller': 33,
  'peers/paying-fetch-chain': 30,
  'cli/call': 25,
  'cli/fetch': 22,
  'house/deploy': 20,
  'seller/money/review': 20,
  'cli/init': 12,
  'peers/terminal-buyer': 12,
  'peers/paying-fetch-redirects': 10,
  'peers/gateway-conformance': 10,
  'peers/money-chain': 10,
  'cli/doctor': 10,
  'facilitators/money-failover': 9,
  'agentcore/manager/sdk': 9,
  'seller/phases/wild-phases': 8,
  'strands/bounds': 8,
  'peers/buyer-examples': 8,
  'seller/events/wild-events': 7,
  'seller/doors/both-doors-settlement': 7,
}

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
