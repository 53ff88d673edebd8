import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localContext, type LambdaHandler } from '../../../src/local/index.js'

interface Answer {
  statusCode: number
  headers?: Record<string, string>
  body?: string
  isBase64Encoded?: boolean
}

/** An HTTP server that invokes a Lambda as its Function URL does. */
export async function functionUrl(
  handler: LambdaHandler,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { pathname, search } = new URL(`http://localhost${request.url ?? '/'}`)
      const line = { method: request.method ?? '', path: pathname, query: search.slice(1) }
      const event = eventOf(line, request.headers, body)
      void Promise.resolve(handler(event, localContext())).then((output) => {
        const { statusCode, headers, body: text, isBase64Encoded } = output as Answer
        response.writeHead(statusCode, headers).end(text, isBase64Encoded ? 'base64' : 'utf8')
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
function eventOf(
  { method, path, query }: { method: string; path: string; query: string },
  headers: IncomingHttpHeaders,
  body: string,
): unknown {
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: { domainName: 'localhost', http, stage: '$default' },
    body,
    isBase64Encoded: false,
  }
}
