import type { IncomingMessage } from 'node:http'
import { isRecord } from '../../wire/json.js'
import { readBody } from '../http/read-body.js'
import { AwsFault, unreadable } from './world/aws-error.js'
import type { Operation } from './world/operations.js'

const MAX_BODY_BYTES = 1024 * 1024

/**
 * Reads the body as text.
 *
 * @throws AwsFault RequestEntityTooLargeException
 */
export async function readText(request: IncomingMessage): Promise<string> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes !== undefined) return bytes.toString()
  throw new AwsFault('RequestEntityTooLargeException', 413, 'The request is larger than 1 MiB')
}

/**
 * Reads the body as JSON.
 *
 * @throws AwsFault SerializationException if it is no JSON object.
 */
export function parseBody(text: string): Record<string, unknown> {
  if (text === '') return {}
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw unreadable('The body is not JSON')
  }
  if (isRecord(body)) return body
  throw unreadable('The body is not a JSON object')
}

const HEADERS = {
  userId: 'x-amzn-bedrock-agentcore-payments-user-id',
  agentName: 'x-amzn-bedrock-agentcore-payments-agent-name',
}

/** What came with a request. */
export interface Given {
  labels: Readonly<Record<string, string>>
  /** The query, without the question mark. */
  search: string
  headers: IncomingMessage['headers']
  body: Readonly<Record<string, unknown>>
}

/**
 * Collects the members of an input from where the model puts them: path, query, headers and body.
 *
 * @throws AwsFault SerializationException if the path cannot be decoded.
 */
export function inputOf({ query = {} }: Operation, given: Given): Record<string, unknown> {
  const input: Record<string, unknown> = { ...given.body }
  for (const [name, header] of Object.entries(HEADERS)) input[name] = given.headers[header]
  const search = new URLSearchParams(given.search)
  for (const [name, kind] of Object.entries(query)) {
    const text = search.get(name)
    input[name] = kind === 'number' && /^-?\d+$/.test(text ?? '') ? Number(text) : text
  }
  for (const [name, label] of Object.entries(given.labels)) input[name] = decoded(label)
  return input
}

function decoded(label: string): string {
  try {
    return decodeURIComponent(label)
  } catch {
    throw unreadable('The path is not well encoded')
  }
}
