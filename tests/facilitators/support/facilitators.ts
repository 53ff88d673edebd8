import type { FacilitatorClient } from '../../../src/facilitators/facilitator-client.js'
import { createFacilitators } from '../../../src/facilitators/failover.js'
import { HTTPFacilitatorClient } from '../../../src/facilitators/http-facilitator-client.js'
import { facilitatorServer, type Answering, type FacilitatorServer } from './facilitator-server.js'

export const SIGNATURE = `0x${'5e0f7a91'.repeat(16)}1b`
export const REQUIREMENTS = { scheme: 'exact', network: 'eip155:84532', amount: '10000' }
export const PAYMENT = { x402Version: 2, accepted: REQUIREMENTS, payload: { signature: SIGNATURE } }
export const UPTO = { x402Version: 2, scheme: 'upto', network: 'eip155:84532' }
export const SOLANA = {
  x402Version: 2,
  scheme: 'exact',
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
}

let calls = 0

/** Starts facilitators as real servers, with a clock that stands still. One call has one correlation id. */
export async function scene(...answers: Record<string, Answering>[]) {
  const servers = await Promise.all(answers.map((one) => facilitatorServer(one)))
  const clients = servers.map(({ url }) => new HTTPFacilitatorClient({ url }))
  return { servers, ...over(clients) }
}

export function over(clients: readonly FacilitatorClient[]) {
  const clock = { now: 1_000_000 }
  const facilitators = createFacilitators(clients, () => clock.now)
  const limits = (timeoutMs: number) => ({ timeoutMs, correlationId: `call-${++calls}` })
  const verify = (timeoutMs = 2_000) =>
    facilitators.verify(PAYMENT, REQUIREMENTS, limits(timeoutMs))
  const settle = (by: number | undefined, timeoutMs = 2_000) =>
    facilitators.settle(by, PAYMENT, REQUIREMENTS, limits(timeoutMs))
  return { clock, facilitators, verify, settle }
}

export const paths = (servers: FacilitatorServer[], path: string) =>
  servers.map((one) => one.countOf(path))

/** A client that ignores limits of time. */
export function endless(): FacilitatorClient {
  const never = () => new Promise<never>(() => undefined)
  return { verify: never, settle: never, getSupported: never }
}
