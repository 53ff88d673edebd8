import { expect, test } from '@jest/globals'
import { saidWithoutViem } from '../support/without-viem.js'

/** Asks all that the facilitator serves, as somebody without viem. */
const PROGRAM = `
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createX402 } from './library.mjs'
const x402 = await createX402({}, { now: Date.now, delayMs: 0 })
const server = createServer((request, response) => void x402.handle(request, response))
await once(server.listen(0, '127.0.0.1'), 'listening')
const ask = async (method, route) => {
  const answer = await fetch('http://127.0.0.1:' + server.address().port + '/facilitator/' + route, {
    method, ...(method === 'POST' && { body: '{}' }),
  })
  return [answer.status, await answer.json()]
}
const answers = [await ask('POST', 'verify'), await ask('POST', 'settle'), await ask('GET', 'supported')]
console.log(JSON.stringify(answers))
server.close()
`

test('without viem the facilitator says what to install, and moves nothing', async () => {
  const stdout = await saidWithoutViem('src/local/x402/index.ts', PROGRAM)
  const error = 'The local facilitator checks signatures with viem: npm install viem'
  expect(JSON.parse(stdout)).toEqual(Array.from({ length: 3 }, () => [501, { error }]))
})
