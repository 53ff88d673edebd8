import { ApiError } from './api-error.js'
import type { Route } from '../http/faults.js'
import { mppChallenge, mppPermissions, mppSettle, mppVerify } from './mpp.js'
import { x402Permissions } from './permissions.js'
import {
  listPlans,
  mintCredits,
  planAgents,
  redeemCredits,
  registerPlan,
} from './plan-management.js'
import {
  agentPlans,
  balance,
  createDelegation,
  listDelegations,
  order,
  paymentMethods,
  plan,
  versions,
} from './plans.js'
import type { ApiAnswer, ApiCall, World } from './api-call.js'
import { settle, verify } from './verify-settle.js'

type Endpoint = (world: World, call: ApiCall, args: string[]) => ApiAnswer

const ENDPOINTS: readonly [Route, string, RegExp, Endpoint][] = [
  ['verify', 'POST', /^\/api\/v1\/x402\/verify$/, verify],
  ['settle', 'POST', /^\/api\/v1\/x402\/settle$/, settle],
  ['permissions', 'POST', /^\/api\/v1\/x402\/permissions$/, x402Permissions],
  ['mpp-challenge', 'POST', /^\/api\/v1\/mpp\/challenge$/, mppChallenge],
  ['mpp-verify', 'POST', /^\/api\/v1\/mpp\/verify$/, mppVerify],
  ['mpp-settle', 'POST', /^\/api\/v1\/mpp\/settle$/, mppSettle],
  ['mpp-permissions', 'POST', /^\/api\/v1\/mpp\/permissions$/, mppPermissions],
  ['other', 'POST', /^\/api\/v1\/protocol\/plans$/, registerPlan],
  ['other', 'GET', /^\/api\/v1\/protocol\/plans$/, listPlans],
  ['other', 'POST', /^\/api\/v1\/protocol\/plans\/mint$/, mintCredits],
  ['other', 'POST', /^\/api\/v1\/protocol\/plans\/redeem$/, redeemCredits],
  ['other', 'GET', /^\/api\/v1\/protocol\/plans\/([^/]+)\/agents$/, planAgents],
  ['plan', 'GET', /^\/api\/v1\/protocol\/plans\/([^/]+)$/, plan],
  ['balance', 'GET', /^\/api\/v1\/protocol\/plans\/([^/]+)\/balance\/([^/]+)$/, balance],
  ['order', 'POST', /^\/api\/v1\/protocol\/plans\/([^/]+)\/order$/, order],
  ['delegation', 'POST', /^\/api\/v1\/delegation\/create$/, createDelegation],
  ['delegation', 'GET', /^\/api\/v1\/delegation$/, listDelegations],
  ['other', 'GET', /^\/api\/v1\/protocol\/agents\/([^/]+)\/plans$/, agentPlans],
  ['other', 'GET', /^\/api\/v1\/payment-methods$/, paymentMethods],
  ['versions', 'GET', /^\/api\/v1\/meta\/versions$/, versions],
]

/** Finds the endpoint of a request. */
export function routeOf(method: string, path: string): Route {
  return find(method, path)?.route ?? 'other'
}

/**
 * Answers one request.
 *
 * @throws ApiError as the real API would answer.
 */
export function answerApi(world: World, call: ApiCall): ApiAnswer {
  const found = find(call.method, call.path)
  if (found === undefined) throw notServed(call)
  checkVersion(call)
  return found.endpoint(world, call, found.args.map(decodePart))
}

/** Says which route is missing. Clients put the message into their own error. */
function notServed({ method, path }: ApiCall): ApiError {
  const missing = `The local stack has no route ${method} ${path} of Nevermined's API`
  return new ApiError(404, 'BCK.HTTP.404', `${missing}. Try the call in Nevermined's sandbox.`)
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ApiError(400, 'BCK.HTTP.400', 'The path is not properly encoded')
  }
}

function find(
  method: string,
  path: string,
): { route: Route; endpoint: Endpoint; args: string[] } | undefined {
  for (const [route, verb, pattern, endpoint] of ENDPOINTS) {
    const match = verb === method ? pattern.exec(path) : null
    if (match !== null) return { route, endpoint, args: match.slice(1) }
  }
  return undefined
}

function checkVersion(call: ApiCall): void {
  const version = call.headers['nevermined-version']
  if (version !== undefined && version !== '1.0' && version !== '1.1') {
    throw new ApiError(400, 'BCK.VERSION.0001', 'Unknown API version')
  }
}
