import { readPaymentAnswer } from './payment-answer.js'
import { challengeIn } from '../../client/mcp/mcp-challenge.js'
import { mcpAnswer } from '../../local/trial/mcp-answer.js'
import { isLoopback } from '../../wire/loopback.js'
import { isRecord } from '../../wire/json.js'
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
    return [
      ...plain,
      fail(
        `${called.url} gives no answer (${codeOf(error)})`,
        'Check host, port and path, and whether the service runs.',
      ),
    ]
  }
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
  const { challenge, findings } = await readPaymentAnswer(response, url)
  const browsers = await checkBrowsers(await get(url, { origin: 'https://buyer.example' }))
  return [
    ...findings,
    ...(challenge === undefined ? [] : checkChallenge(challenge, url)),
    ...browsers,
  ]
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

async function checkTool(url: string, tool: string): Promise<Finding[]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: {} },
    }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const answer = await mcpAnswer(response)
  if (!isRecord(answer)) return [notAsked(url, response.status === 200 ? 404 : response.status)]
  const { result, error } = answer
  const found = challengeIn(result, { name: tool, isLambda: true })
  if (found !== undefined) {
    return [
      ok(`${tool} asks for payment`),
      ...checkChallenge(found.challenge, resourceOf(found.challenge.resource.url, tool)),
    ]
  }
  if (isRecord(error)) {
    const cure = 'Check the name of the tool, with its target: <target>___<tool>.'
    return [fail(`${tool} cannot be called (JSON-RPC error ${String(error['code'])})`, cure)]
  }
  return [
    fail(
      `${tool} is answered without payment: it is free, or not sold`,
      'Check that the interceptor is attached, and what its option tools says.',
    ),
  ]
}

/** A tool may be named by its URL of MCP, or by a public URL of its seller's. */
function resourceOf(resource: string, tool: string): string {
  return resource.startsWith(TOOL_RESOURCE) ? TOOL_RESOURCE + tool : resource
}
