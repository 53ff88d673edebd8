import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { startTethered } from '../../../src/local/programs/tethered.js'

const script = (text: string): string[] => [process.execPath, '-e', text]

test('what a program says first is returned, and it ends when it is closed', async () => {
  const program = await startTethered(
    script(
      `process.stdout.write('ready at ')
       setTimeout(() => {
         console.log('here ' + process.pid)
         setInterval(() => console.log('x'.repeat(99_999)), 5)
       }, 50)`,
    ),
    /ready at here (\d+)\s/,
  )
  const pid = Number(program?.said)
  expect(() => process.kill(pid, 0)).not.toThrow()
  await program?.close()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test.each([
  ['is never ready', script('setInterval(() => 0, 1000) // tethered-test')],
  ['ends at once', script('process.exit(1)')],
  ['is not there', ['no-such-program']],
])('a program that %s is none, and nothing is left of it', async (_, command) => {
  expect(await startTethered(command, /ready (\S+)\s/, 1_000)).toBeUndefined()
  const left = (): string => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  while (/^\S+ -e .*tethered-test/m.test(left())) await new Promise((done) => setTimeout(done, 20))
})
