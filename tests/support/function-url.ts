import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localContext, type LambdaHandler } from '../../src/local/index.js'

interface Answer {
  statusCode: number
  headers?: Record<string, string>
  body?: string
}

/** An HTTP server that invokes a Lambda as its Function URL does. */
export async function functionUrl(
  handler: LambdaHandler,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const event = eventOf(request.method ?? '', request.headers, body)
      void Promise.resolve(handler(event, localContext())).then((output) => {
        const { statusCode, headers, body: text } = output as Answer
        response.writeHead(statusCode, headers).end(text)
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
function eventOf(method: string, headers: IncomingHttpHeaders, body: string): unknown {
  const http = { method, path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers,
    requestContext: { domainName: 'localhost', http, stage: '$default' },
    body,
    isBase64Encoded: false,
  }
}
