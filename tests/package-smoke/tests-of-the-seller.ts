// Compiled by package.test.ts: what a seller's own tests use.
import { startLocal, type Fault, type Local } from 'agentcore-x402/local'

const fault: Fault = { route: 'settle', kind: 'lost-answer' }

export async function balanceAfter(work: (local: Local) => Promise<void>): Promise<bigint> {
  const local = await startLocal({ credits: 10n })
  local.faults.set(fault)
  await work(local)
  await local.close()
  return local.balance()
}
