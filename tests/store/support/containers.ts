import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { PaymentRecord } from '../../../src/seller/options/payment-record.js'
import { startProcesses } from './processes.js'

/** What a container is told to do. */
export type Work = { endpoint: string; table: string; secret: string } & (
  | { kind: 'add'; more: Partial<PaymentRecord> }
  | {
      kind: 'sell'
      payments: { nvmApiKey: string; backendUrl: string }
      planId: string
      flow: 'authorization' | 'overlap' | 'upfront'
      events: Record<string, unknown>[]
    }
)

/** Processes that work at the same moment. */
export interface Containers {
  /**
   * Has every container do the same.
   *
   * @returns the result of each
   */
  all: <Result>(work: Work) => Promise<Result[]>
  close: () => Promise<void>
}

export async function startContainers(count: number): Promise<Containers> {
  const processes = await startProcesses('tests/store/support/container-process.ts')
  const children = await Promise.all(Array.from({ length: count }, () => processes.start()))
  return {
    all: <Result>(work: Work) =>
      Promise.all(children.map((child) => told(child, work))) as Promise<Result[]>,
    close: () => processes.close(),
  }
}

async function told(child: ChildProcess, work: Work): Promise<unknown> {
  const answered = once(child, 'message')
  child.send(work)
  const [{ result, error }] = (await answered) as [{ result?: unknown; error?: string }]
  if (error !== undefined) throw new Error(error)
  return result
}
