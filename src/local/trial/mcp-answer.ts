import { parseJson } from '../../wire/json.js'
import { sseReader } from '../../wire/sse.js'

/** The message in the answer of an MCP server. In a stream it is the last one. @returns the text if it is no JSON. */
export async function mcpAnswer(response: Response): Promise<unknown> {
  const text = await response.text()
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    return parseJson(text) ?? text
  }
  return parseJson(sseReader()(`${text}\n\n`).at(-1)?.data ?? '')
}
