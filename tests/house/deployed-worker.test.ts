import { expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../src/index.js'
import { type LambdaProcess, startLambda } from '../../src/local/lambda/process.js'
import type { WorkerReport } from '../../src/worker/index.js'
import { BOOTSTRAP, call } from '../local/support/lambda.js'
import { describeTable } from '../store/support/describe-table.js'
import { itemsOf } from '../store/support/table.js'
import { singleUse } from '../support/outcome.js'
import { textOf } from '../support/seller.js'
import { deployedStack } from './support/deployed-stack.js'

/** What the tool of the example is sold as. */
const RESOURCE = { url: 'mcp://tool/weather___forecast' }

describeTable('the settlement worker as deployed', () => {
  const deployed = deployedStack()

  /** Starts a bundle as Lambda does, and closes it afterwards. */
  async function within<T>(
    bundle: string,
    work: (lambda: LambdaProcess, lines: string[]) => Promise<T>,
  ): Promise<T> {
    const lines: string[] = []
    const lambda = await startLambda({
      file: deployed.fileOf(bundle),
      bootstrap: BOOTSTRAP,
      memoryLimitMb: 512,
      env: deployed.environment(),
      onLog: (line) => void lines.push(line),
    })
    try {
      return await work(lambda, lines)
    } finally {
      await lambda.close()
    }
  }

  test('ends a payment that the deployed function left open', async () => {
    const { local, store, table } = deployed
    const states = async () => (await itemsOf(store.client, table)).map(({ state }) => state?.S)
    const event = local.paidEvent(
      'weather___forecast',
      { city: 'Oslo' },
      singleUse(local, { resource: RESOURCE }),
    )
    const before = local.balance()

    local.faults.set({ route: 'settle', kind: 'lost-answer', times: 100 })
    const sold = await within('paid-tool', (paidTool) => call(paidTool, event, 40_000))
    expect(textOf(sold as InterceptorOutput)).not.toBe('Sunny in Oslo')
    expect(await states()).toContain('unknown')

    local.faults.clear()
    const { report, lines } = await within('settlement-worker', async (worker, lines) => ({
      report: (await call(worker, {}, 300_000)) as WorkerReport,
      lines,
    }))
    expect(report).toMatchObject({ settled: 1, open: 0, failed: 0, isComplete: true })
    expect(await states()).toContain('settled')
    expect(before - local.balance()).toBe(1n)
    const metrics = lines.filter((line) => line.includes('"_aws"'))
    expect(metrics.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { Table: table, Settled: 1, OldestOpenSeconds: 0, RefundsDue: 0, DeadPayments: 0 },
    ])
  }, 60_000)
})
