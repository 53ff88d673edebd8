import type { IncomingMessage, RequestListener } from 'node:http'
import { Agent, type TextBlock } from '@strands-agents/sdk'
import {
  httpRequestTool,
  type HttpRequestLimits,
} from '../../../src/strands/http-request/http-request-tool.js'
import { answering } from '../../agentcore/support/answering.js'
import { ScriptedModel } from './model.js'

export const LOCAL = { allowPrivateHosts: true }

/** The answer of the tool to an input. */
export async function ask(input: object, limits: HttpRequestLimits = LOCAL) {
  const tools = [httpRequestTool(() => limits)]
  const agent = new Agent({ model: new ScriptedModel(), tools, printer: false })
  const result = await agent.tool['http_request']?.invoke(input as never)
  const { text } = result?.content[0] as TextBlock
  const isMarked = text.startsWith('PAYMENT_REQUIRED: ')
  const json = isMarked ? text.slice('PAYMENT_REQUIRED: '.length) : text
  const answer = JSON.parse(json) as {
    statusCode: number
    headers: Record<string, string>
    body: unknown
    error?: string
  }
  return { status: result?.status, text, isMarked, answer }
}

/** Starts a server that keeps what it was sent. */
export async function server(answer: RequestListener = (_, response) => response.end('{}')) {
  const requests: IncomingMessage[] = []
  const { url, asked } = await answering((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  return { url, asked, requests, last: () => requests.at(-1) }
}

/** Starts a server that answers with what it was sent. */
export const mirror = () =>
  server((request, response) => {
    const { method, headers, url } = request
    response.setHeader('x-echo', JSON.stringify(headers))
    response.end(JSON.stringify({ method, url, headers }))
  })

/** The headers that can hold a payment. */
export const PAYMENTS = [
  ['PAYMENT-SIGNATURE', 'eyJwYXltZW50IjoxfQ=='],
  ['x-payment', 'eyJwYXltZW50Ijov/fQ=='],
  ['Authorization', 'Payment eyJjcmVkZW50aWFsIjoxfQ'],
] as const
