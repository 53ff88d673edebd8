import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server that nobody here wrote might answer, by the first part of the path. */
export type Answers = Readonly<
  Record<string, (request: IncomingMessage, response: ServerResponse) => void>
>

/** Serves each answer below a path of its own. */
export async function startOthers(answers: Answers) {
  const server = createServer((request, response) => {
    const [, name = ''] = (request.url ?? '').split(/[/?]/)
    const answer = answers[name]
    if (answer === undefined) response.writeHead(404).end()
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
