import { readPaymentAnswer } from './payment-answer.js'
import { challengeIn } from '../../client/mcp/mcp-challenge.js'
import { isLoopback } from '../../wire/loopback.js'
import { McpError, McpSession } from '../buy/mcp-session.js'
import { toolNamed } from '../buy/tools.js'
import { Ended, NothingFound } from '../ended.js'
import { TOOL_RESOURCE } from '../../wire/tool-names.js'
import { checkChallenge } from './check-challenge.js'
import { type Finding, findingsOf } from './finding.js'

/** What is called, and how. */
export interface CalledUrl {
  readonly url: string
  /** The tool to call over MCP. Without it, the URL is asked for by GET. */
  readonly tool: string | undefined
}

const { ok, warn, fail } = findingsOf('url')

/** How long an answer may take. Unit: ms. */
const TIMEOUT_MS = 30_000

/** Calls a URL without payment, and reads its challenge as buyers do. */
export async function checkUrl(called: CalledUrl): Promise<Finding[]> {
  const { protocol, hostname } = new URL(called.url)
  const plain =
    protocol === 'http:' && !isLoopback(hostname)
      ? [
          warn(
            `${called.url} is not encrypted`,
            'Use https: everybody on the way can take a payment that is sent there.',
          ),
        ]
      : []
  try {
    return [
      ...plain,
      ...(called.tool === undefined
        ? await checkHttp(called.url)
        : await checkTool(called.url, called.tool)),
    ]
  } catch (error) {
    return [...plain, unanswered(called.url, error)]
  }
}

function unanswered(url: string, error: unknown): Finding {
  if (error instanceof NothingFound) {
    return fail(error.message, 'Check the name of the tool. It may begin with that of its target.')
  }
  if (error instanceof Ended) {
    return fail(error.message, 'Check the path, and who may call without a login.')
  }
  if (error instanceof McpError) {
    const cure = 'Look at the log of the server. npx agentcore-x402 call tries it, too.'
    return fail(`the tool cannot be called (JSON-RPC error ${error.code})`, cure)
  }
  return fail(
    `${url} gives no answer (${codeOf(error)})`,
    'Check host, port and path, and whether the service runs.',
  )
}

/** What Node says of a connection that failed. */
function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string; message?: string }; name?: string }
  return cause?.code ?? cause?.message ?? name ?? 'unknown'
}

async function checkHttp(url: string): Promise<Finding[]> {
  const response = await get(url, {})
  const { status } = response
  if (status !== 402) {
    await response.body?.cancel()
    return [notAsked(url, status)]
  }
  const { read, finding } = await readPaymentAnswer(response, url)
  const browsers = await checkBrowsers(await get(url, { origin: 'https://buyer.example' }))
  return [finding, ...(read === undefined ? [] : checkChallenge(read)), ...browsers]
}

function get(url: string, headers: Record<string, string>): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return fetch(url, { headers: { accept: '*/*', ...headers }, signal, redirect: 'manual' })
}

function notAsked(url: string, status: number): Finding {
  if (status < 300) {
    return fail(
      `${url} answers ${status} without payment: it is free, or not sold`,
      'Wrap the handler with requiresPayment, and deploy it behind this URL.',
    )
  }
  if (status < 400)
    return fail(
      `${url} sends callers on (HTTP ${status})`,
      'Name the URL that it leads to. Payments are not redirected.',
    )
  if (status === 405 || status === 406 || status === 400) {
    return fail(
      `${url} does not answer a GET (HTTP ${status})`,
      'If it is an MCP endpoint, name a tool: --tool <name>.',
    )
  }
  if (status === 401 || status === 403) {
    return fail(
      `${url} lets nobody in without a login (HTTP ${status})`,
      'Buyers have to get past the authorizer first. Look at its settings.',
    )
  }
  if (status === 404)
    return fail(`${url} has nothing there (HTTP 404)`, 'Check the path and the stage.')
  return fail(
    `${url} fails (HTTP ${status})`,
    'Read the log of the function. A challenge must not need a facilitator that is down.',
  )
}

/** Pages in a browser see only the headers that CORS lets them see. */
async function checkBrowsers({ headers, body }: Response): Promise<Finding[]> {
  await body?.cancel()
  const origin = headers.get('access-control-allow-origin')
  const exposed = (headers.get('access-control-expose-headers') ?? '').toLowerCase()
  if (origin !== null && (exposed === '*' || exposed.includes('payment-required'))) {
    return [ok('pages in a browser can read the challenge')]
  }
  return [
    warn(
      'pages in a browser cannot read the challenge',
      'If browsers shall buy, set the option cors: see docs/http-services.md.',
    ),
  ]
}

/** Calls a tool as an MCP client does, without payment and without arguments. */
async function checkTool(url: string, wanted: string): Promise<Finding[]> {
  const session = await McpSession.open(new URL(url), [], TIMEOUT_MS)
  try {
    const tool = toolNamed(wanted, await session.listTools())
    const result = await session.request('tools/call', { name: tool, arguments: {} })
    const found = challengeIn(result, { name: tool, isLambda: true })
    if (found === undefined) return [notSold(tool)]
    const { challenge } = found
    const called = resourceOf(challenge.resource.url, tool)
    return [
      ok(`${tool} asks for payment`),
      ...checkChallenge({ challenge, written: JSON.stringify(challenge), called }),
    ]
  } finally {
    await session.close()
  }
}

function notSold(tool: string): Finding {
  const cure = 'Check that the interceptor is attached, and what its option tools says.'
  return fail(`${tool} is answered without payment: it is free, or not sold`, cure)
}

/** A tool may be named by its URL of MCP, or by a public URL of its seller's. */
function resourceOf(resource: string, tool: string): string {
  return resource.startsWith(TOOL_RESOURCE) ? TOOL_RESOURCE + tool : resource
}
