import { randomUUID } from 'node:crypto'
import http from 'node:http'

/** Kept-alive POSTs with the same headers and JSON over node:http, and nothing else. */
export interface Floor {
  /** Verify, then settle. */
  both: (verifyBody: unknown, settleBody: unknown) => Promise<void>
  /** Verify alone. */
  verify: (body: unknown) => Promise<void>
  /** Settle alone. */
  one: (body: unknown) => Promise<void>
}

/** @param base the path below which facilitators of this kind have `/verify` and `/settle`. */
export function createFloor(url: string, nvmApiKey: string, base = '/api/v1/x402'): Floor {
  const agent = new http.Agent({ keepAlive: true })
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    'nevermined-version': '1.1',
    'x-correlation-id': randomUUID(),
    authorization: `Bearer ${nvmApiKey}`,
  }
  const post = (path: string, body: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const request = http.request(
        `${url}${path}`,
        { method: 'POST', agent, headers },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
          response.on('error', reject)
        },
      )
      request.on('error', reject)
      request.end(JSON.stringify(body))
    })
  const verify = async (body: unknown) => void (await post(`${base}/verify`, body))
  const one = async (body: unknown) => void (await post(`${base}/settle`, body))
  return {
    verify,
    one,
    both: async (verifyBody, settleBody) => {
      await verify(verifyBody)
      await one(settleBody)
    },
  }
}
