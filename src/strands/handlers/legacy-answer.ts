import { isRecord } from '../../wire/json.js'
import { parsePythonLiteral } from './python-literal.js'
import { headersOf, objectOf, parseJson, textsOf, type ToolAnswer } from './tool-answer.js'

/**
 * Reads the blocks `Status Code: 402`, `Headers: {…}` and `Body: {…}`. `http_request` of the Python package
 * strands-agents-tools answers with these. The headers are JSON, or a dict as Python prints it.
 *
 * @see https://github.com/strands-agents/tools/blob/main/src/strands_tools/http_request.py
 */
export function legacyAnswer(result: unknown): ToolAnswer | undefined {
  const texts = textsOf(result)
  const status = /^\d{3}$/.exec(after(texts, 'Status Code:') ?? '')?.[0]
  if (status === undefined) return undefined
  const headers = after(texts, 'Headers:') ?? ''
  const body = after(texts, 'Body:')
  const written = parseJson(headers)
  return {
    statusCode: Number(status),
    headers: headersOf(isRecord(written) ? written : parsePythonLiteral(headers)),
    body: objectOf(body),
  }
}

function after(texts: readonly string[], label: string): string | undefined {
  return texts
    .find((text) => text.startsWith(label))
    ?.slice(label.length)
    .trim()
}
