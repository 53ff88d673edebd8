// Starts the slowest test files first, so that no worker is left with a long one at the end.
import Sequencer from '@jest/test-sequencer'

/**
 * Seconds of the slowest files, for a checkout that has not run them yet; what Jest measured here counts
 * more. A file that is not named takes about a second.
 */
const SECONDS = {
  'house/package': 35,
  'house/deploy': 20,
  'seller/flows/deadlines': 40,
  'peers/paying-fetch-chain': 12,
  'peers/paying-fetch-redirects': 10,
  'peers/gateway-conformance': 10,
  'peers/money-chain': 10,
  'facilitators/money-failover': 9,
  'agentcore/manager/sdk': 9,
  'seller/phases/wild-phases': 8,
  'strands/bounds': 8,
  'peers/buyer-examples': 8,
  'seller/events/wild-events': 7,
  'seller/doors/both-doors-settlement': 7,
  'house/cli': 6,
  'house/examples-strands': 6,
  'peers/paying-fetch-crooks': 6,
  'local/lambda/runtime': 6,
  'seller/money/review': 6,
  'local/agentcore/x402': 6,
  'local/lambda/built': 6,
  'strands/plugin': 6,
  'strands/resume': 6,
  'agentcore/manager/wire': 6,
  'seller/doors/both-doors-messages': 5,
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
