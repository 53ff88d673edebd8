import type { Local } from '../../src/local/index.js'
import type { Challenge } from './seller.js'

/** The body of a verify or settle, as it went over the wire. */
export interface Asked {
  paymentRequired: Challenge
  x402AccessToken: string
  maxAmount: string
  agentRequestId?: string
}

/** The bodies that the facilitator got on one route, in order. */
export function asked(local: Local, route: 'verify' | 'settle'): Asked[] {
  return local.calls.filter((call) => call.route === route).map(({ body }) => body as Asked)
}

/** The credits in the calls of verify and settle, in order. */
export function amounts(local: Local): { verify: string[]; settle: string[] } {
  const of = (route: 'verify' | 'settle') => asked(local, route).map(({ maxAmount }) => maxAmount)
  return { verify: of('verify'), settle: of('settle') }
}

/** The correlation ids of verify and settle, in order. */
export function correlationIds(local: Local): unknown[] {
  return local.calls
    .filter(({ route }) => route === 'verify' || route === 'settle')
    .map(({ headers }) => headers['x-correlation-id'])
}
