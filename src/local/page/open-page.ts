import type { Assumptions } from '../gateway/protocol/assumptions.js'
import type { Local } from '../local-stack.js'
import { makeCall } from './make-call.js'
import { PageAssumptions } from './page-assumptions.js'
import { PageCalls } from './page-calls.js'
import { PageFaults } from './page-faults.js'
import { pagePayments } from './page-payments.js'
import { pageState, pageTools } from './page-state.js'
import { createPage, type LocalPage } from './serve-page.js'

/**
 * Makes the page of a stack.
 *
 * @param assume changes what the Gateway assumes of AWS
 */
export function openPage(local: Local, assume: (assume: Partial<Assumptions>) => void): LocalPage {
  const { x402, faults: plans, paymentsService, table } = local
  const url = `${local.url}/mcp`
  const buyer = {
    ...{ url, money: x402 },
    tokenFor: (planId: string) => local.accessToken({ planId }),
  }
  return createPage({
    calls: new PageCalls(),
    faults: new PageFaults({ plans, money: x402.faults, wallets: paymentsService.faults }),
    assumptions: new PageAssumptions(assume),
    state: () => pageState(local),
    tools: () => pageTools(url),
    payments: () => pagePayments(table),
    call: (wanted) => makeCall(wanted, buyer),
  })
}
