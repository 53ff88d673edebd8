import { afterAll } from '@jest/globals'
import type { Context } from 'aws-lambda'
import {
  Payments,
  requiresPayment,
  type InterceptorOutput,
  type Logger,
  type McpResult,
  type PaidHandler,
  type RequiresPaymentOptions,
  type WrappedHandler,
} from '../../src/index.js'
import { startLocal, type Local, type LocalOptions } from '../../src/local/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { keepClock } from './clock.js'
import { defaultStore } from './tested-store.js'

const running: Local[] = []
afterAll(() => Promise.all(running.splice(0).map((local) => local.close())))

/** Starts a local stack. It is closed when the test file ends. */
export async function stack(options: LocalOptions = {}): Promise<Local> {
  const local = await startLocal(options)
  keepClock(local, options.now)
  running.push(local)
  return local
}

export const hello: PaidHandler = () => ({ content: [{ type: 'text', text: 'Hello!' }] })

type SellOptions = Partial<Omit<RequiresPaymentOptions, 'facilitator' | 'payments'>>

/** Wraps a handler that sells the stack's plan through our own client, over real HTTP. */
export function sell(
  local: Local,
  handler: PaidHandler = hello,
  options: SellOptions = {},
): WrappedHandler {
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const plan = 'planIds' in options || 'tools' in options ? {} : { planId: local.planId }
  const all = { payments, logger: silent, ...defaultStore(), ...plan, ...options }
  return requiresPayment(handler, all as RequiresPaymentOptions)
}

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** A logger that keeps what it got. */
export function recordingLogger(): Logger & {
  lines: { level: string; message: string; details: unknown }[]
} {
  const lines: { level: string; message: string; details: unknown }[] = []
  const at = (level: string) => (message: string, details: unknown) =>
    void lines.push({ level, message, details })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A Lambda context whose remaining time stays the same. */
export function contextWith(remainingMs: number): Context {
  return { getRemainingTimeInMillis: () => remainingMs } as Context
}

/** A REQUEST event around any body. */
export function eventOf(
  body: unknown,
  headers: Record<string, unknown> | null | undefined = {},
): Record<string, unknown> {
  return {
    interceptorInputVersion: '1.0',
    mcp: {
      gatewayRequest: { path: '/mcp', httpMethod: 'POST', headers, body },
      gatewayResponse: null,
    },
  }
}

/** A `tools/call` body. */
export function toolCall(
  name: string,
  args: Record<string, unknown> = {},
  more: { id?: unknown; _meta?: Record<string, unknown> } = {},
): Record<string, unknown> {
  const { id = 1, _meta } = more
  return {
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: args, ...(_meta && { _meta }) },
  }
}

interface Response {
  statusCode: number
  headers: Record<string, string>
  body: {
    jsonrpc: string
    id: unknown
    result?: McpResult & { content: { type: string; text: string }[] }
    error?: { code: number; message: string; data?: Record<string, unknown> }
  }
}

export function responseOf(output: InterceptorOutput): Response {
  return output.mcp.transformedGatewayResponse as Response
}

/** The text of the first content block. */
export function textOf(output: InterceptorOutput): string | undefined {
  return responseOf(output).body.result?.content[0]?.text
}

/** All text blocks, as a person would read them. */
export function allTextOf(output: InterceptorOutput): string {
  return (responseOf(output).body.result?.content ?? []).map(({ text }) => text).join('\n')
}

export interface Challenge {
  x402Version: number
  error?: string
  resource: { url: string; description?: string; mimeType?: string }
  accepts: {
    scheme: string
    network: string
    planId: string
    extra: { version: string; agentId?: string; httpVerb?: string }
  }[]
}

/** The challenge in `structuredContent`; `undefined` if there is none. */
export function challengeOf(output: InterceptorOutput): Challenge | undefined {
  const { result, error } = responseOf(output).body
  const content = result?.structuredContent ?? (error?.code === 402 ? error.data : undefined)
  return content !== undefined && 'accepts' in content
    ? (content as unknown as Challenge)
    : undefined
}

/** The decoded `payment-response` header; `undefined` if there is none. */
export function receiptOf(output: InterceptorOutput): Record<string, unknown> | undefined {
  const header = responseOf(output).headers['payment-response']
  return header === undefined ? undefined : decodeHeader(header)
}

/** The decoded `payment-required` header; `undefined` if there is none. */
export function challengeHeaderOf(output: InterceptorOutput): Record<string, unknown> | undefined {
  const header = responseOf(output).headers['payment-required']
  return header === undefined ? undefined : decodeHeader(header)
}
