import type { Mistake } from '../errors/mistake.js'
import type { FacilitatorFailure } from '../errors/payments-error.js'
import { ANSWERED, NOTHING_THERE, shownUrl, unreachable } from '../mistakes/unreachable.js'
import { isRecord } from '../wire/json.js'
import { shownId } from '../mistakes/shown-id.js'
import { keyInWords, refusedKey } from './key-mistake.js'

/** A request of the API, for saying what is wrong with it. */
export interface AskedApi {
  readonly base: string
  readonly apiKey: string
  readonly path: string
  readonly body?: unknown
  /** False if the key is not sent. */
  readonly authenticated?: boolean
}

/** The mistake in the setup that a failed request comes from; `undefined` if it comes from none that is known. */
export function backendMistake(failure: FacilitatorFailure, asked: AskedApi): Mistake | undefined {
  const url = shownUrl(asked.base)
  return unreachableBackend(failure, url, asked.apiKey) ?? answeredMistake(failure, asked, url)
}

/** The mistake behind a request that got no answer of the API. */
export function unreachableBackend(
  failure: FacilitatorFailure,
  url: string,
  apiKey?: string,
): Mistake | undefined {
  return unreachable(failure, url, {
    code: 'backend_unreachable',
    field: 'backendUrl',
    expected: "Nevermined's API, or a local stack",
    // A client whose key names no environment goes to this machine, which surprises.
    local: apiKey?.includes(':') === false ? NO_PREFIX : START,
  })
}

const NO_PREFIX =
  'The key names no environment, so the client went to this machine. Keys of Nevermined begin with sandbox: or live:.'
const START = 'Start the local stack: npx agentcore-x402 local.'

function answeredMistake(
  { code, httpStatus, detail }: FacilitatorFailure,
  asked: AskedApi,
  url: string,
): Mistake | undefined {
  if (httpStatus === undefined) return undefined
  const isKey =
    /^BCK\.(APIKEY\.0004|AUTH\.)/.test(code) || (httpStatus === 401 && detail !== 'html')
  if (isKey && asked.authenticated !== false) {
    return refusedKey(asked.apiKey, url, code)
  }
  if (code === 'BCK.HTTP.404' || (detail !== undefined && code !== 'http_429')) {
    return otherServer(url, { httpStatus, detail })
  }
  return wrongId(code, asked, url)
}

/** The mistake of an id that the API does not know. */
function wrongId(code: string, asked: AskedApi, url: string): Mistake | undefined {
  const { planId, agentId } = namesIn(asked)
  const where = `at ${url}, where ${keyInWords(asked.apiKey)} belongs`
  const plan = `the plan${planId === undefined ? '' : ` ${shownId(planId)}`}`
  const agent = `the agent${agentId === undefined ? '' : ` ${shownId(agentId)}`}`
  switch (code) {
    case 'BCK.PROTOCOL.0003':
    case 'BCK.X402.0002':
      return {
        code: 'plan_not_found',
        field: 'planId',
        problem: `${plan} does not exist ${where}`,
        expected: 'the id of a plan of this environment, a long decimal number',
        cure: `Copy the id from the Nevermined app. ${OTHER_ENVIRONMENT}`,
      }
    case 'BCK.PROTOCOL.0004':
    case 'BCK.X402.0001':
      return {
        code: 'agent_not_found',
        field: 'agentId',
        problem: `${agent} does not exist ${where}`,
        expected: 'the id of an agent of this environment',
        cure: `Copy the id from the Nevermined app. ${OTHER_ENVIRONMENT}`,
      }
    case 'BCK.X402.0003':
      return {
        code: 'agent_without_plan',
        field: 'agentId',
        problem: `${plan} is not a plan of ${agent}`,
        expected: 'an agent that is sold by this plan',
        cure: 'Add the plan to the agent in the Nevermined app, or leave agentId out.',
      }
    default:
      return undefined
  }
}

const OTHER_ENVIRONMENT = 'If it was made in another environment, take a key of that environment.'

function otherServer(
  url: string,
  { httpStatus, detail }: Pick<FacilitatorFailure, 'httpStatus' | 'detail'>,
): Mistake {
  const status = `HTTP ${httpStatus}`
  const what = httpStatus === 404 ? NOTHING_THERE : ANSWERED[detail ?? '']
  const isUp = httpStatus !== undefined && httpStatus >= 500
  return {
    code: 'backend_not_nevermined',
    field: 'backendUrl',
    problem: `${url} ${what ?? 'answered something else than the API promises'} (${status})`,
    expected: "the JSON of Nevermined's API",
    cure: isUp
      ? 'A proxy or load balancer answered in place of the API. Look at it, or wait until the API is back.'
      : 'Check the URL, its path, and whether a proxy or firewall answers in place of the API.',
  }
}

/** The plan and the agent that a request is about. Ids are safe to show. */
function namesIn({ path, body }: AskedApi): { planId?: string; agentId?: string } {
  const inPath = /\/plans\/([^/]+)/.exec(path)?.[1]
  const asked = isRecord(body) && isRecord(body['paymentRequired']) ? body['paymentRequired'] : {}
  const accepts: unknown[] = Array.isArray(asked['accepts']) ? asked['accepts'] : []
  const [first] = accepts
  const only = accepts.length === 1 && isRecord(first) ? first : {}
  const extra = isRecord(only['extra']) ? only['extra'] : {}
  const planId = inPath === undefined ? only['planId'] : decodeURIComponent(inPath)
  const { agentId } = extra
  return {
    ...(typeof planId === 'string' && { planId }),
    ...(typeof agentId === 'string' && { agentId }),
  }
}
