import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'
import { recordingLogger } from '../../../support/seller.js'

/** A mistake as the log has it. */
export interface Said {
  level: string
  code: unknown
  words: string
}

/** A logger, and the mistakes that were said to it: their words say what was expected. */
export function listening() {
  const logger = recordingLogger()
  const said = (): Said[] =>
    logger.lines
      .filter(({ message }) => message.includes('. Expected '))
      .map(({ level, message, details }) => {
        const { code } = details as { code?: unknown }
        return { level, code, words: message }
      })
  return { logger, said }
}

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

/** Starts a web server that is no API. @returns its URL */
export async function webServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
