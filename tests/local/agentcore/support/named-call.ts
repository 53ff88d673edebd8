import http from 'node:http'

export interface NamedAnswer {
  status: number | undefined
  body: Record<string, unknown>
}

/** A signature that nobody checks. */
const SIGNED =
  'AWS4-HMAC-SHA256 Credential=any/20260101/us-west-2/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=00'

/** Calls the service under the name in `headers.host`, as botocore does. `fetch` may not set Host. */
export function namedCall(
  port: number,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<NamedAnswer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const all = { 'content-type': 'application/json', authorization: SIGNED, ...headers }
    const options = { host: '127.0.0.1', port, path, method, headers: all }
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
        resolve({ status: response.statusCode, body: parsed })
      })
    })
    request.once('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
