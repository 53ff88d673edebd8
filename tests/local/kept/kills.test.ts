import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { built } from '../../support/built.js'

const MODULE = path.resolve('dist/local/kept/folder.js')

const LENGTH = 3_000_000

/** Writes long texts without a pause. Each ends with its number, and says when it is written. */
const WRITER = `
import { openFolder } from ${JSON.stringify(MODULE)}
const folder = await openFolder(process.argv[1], false)
const long = 'x'.repeat(${LENGTH})
for (let n = 1; ; n++) {
  await folder.write(long + n)
  process.stdout.write('.')
}`

/** Whether a file of the folder has not got all of its text yet. */
function isBeingWritten(folder: string): boolean {
  return readdirSync(folder).some((name) => {
    if (!name.startsWith('state.json')) return false
    const size = statSync(path.join(folder, name), { throwIfNoEntry: false })?.size
    return size !== undefined && size < LENGTH
  })
}

test('a process that is killed while it writes leaves the text of before, or the new one', async () => {
  await built()
  const parent = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-kills-'))
  const folder = path.join(parent, 'kept')
  for (let round = 1; round <= 6; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder])
    let written = 0
    child.stdout.on('data', (dots: Buffer) => (written += dots.length))
    while (written < 2) await once(child.stdout, 'data')
    while (!isBeingWritten(folder)) await sleep(0)
    child.kill('SIGKILL')
    await once(child, 'close')
    const text = await readFile(path.join(folder, 'state.json'), 'utf8')
    const last = Number(text.slice(LENGTH))
    expect([written, written + 1]).toContain(last)
  }
  await rm(parent, { recursive: true })
}, 60_000)
