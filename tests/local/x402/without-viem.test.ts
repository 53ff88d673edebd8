import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { run } from '../../support/built.js'
import { temporaryFolder } from '../support/lambda.js'

/** Asks all that the facilitator serves, as somebody without viem. */
const PROGRAM = `
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createX402 } from './x402.mjs'
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
  const folder = await temporaryFolder() // no package can be found from there
  await build({
    entryPoints: ['src/local/x402/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['viem', 'viem/*'],
    outfile: path.join(folder, 'x402.mjs'),
    logLevel: 'error',
  })
  const program = path.join(folder, 'program.mjs')
  await writeFile(program, PROGRAM)
  const { stdout } = await run(process.execPath, [program], { timeout: 30_000 })
  const error = 'The local facilitator checks signatures with viem: npm install viem'
  expect(JSON.parse(stdout)).toEqual(Array.from({ length: 3 }, () => [501, { error }]))
})
