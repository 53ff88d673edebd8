// `npm test`: everything a change has to pass. The tests run beside the checks that need no test.
import { spawn } from 'node:child_process'
import { onInterruption } from './interruption.mjs'

const running = new Set()
// npm passes no signal on to what it runs. A group of its own has it all.
const detached = process.platform !== 'win32'
onInterruption((exitCode) => {
  for (const { pid } of running) process.kill(detached ? -pid : pid, 'SIGTERM')
  process.exit(exitCode)
})

const startedAt = performance.now()
// Installing waits for the network. What needs no peer is done meanwhile.
const [hasPeers, isBuilt] = await Promise.all([step('peers'), prepared()])
if (hasPeers && isBuilt) await Promise.all([step('test:jest'), checks()])
console.log(`npm test: ${sinceMs(startedAt)}${process.exitCode === 1 ? ', failed' : ''}`)

async function prepared() {
  const isBuilt = await step('build', ['--', '--no-check'])
  for (const name of ['check:format', 'figures', 'lockcheck']) await step(name)
  return isBuilt
}

async function checks() {
  for (const name of ['check', 'check:deploy']) await step(name)
}

/** Runs a script of package.json. What it prints is shown when it ends, but for the tests'. */
function step(name, args = []) {
  const since = performance.now()
  const isShown = name === 'test:jest'
  const child = spawn('npm', ['run', '--silent', name, ...args], {
    stdio: ['ignore', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'],
    detached,
  })
  running.add(child)
  const printed = []
  child.stdout?.on('data', (chunk) => printed.push(chunk))
  child.stderr?.on('data', (chunk) => printed.push(chunk))
  return new Promise((resolve) => {
    child.once('exit', () => running.delete(child))
    child.once('close', (code) => {
      if (code !== 0) process.exitCode = 1
      process.stdout.write(Buffer.concat(printed))
      console.log(`${name}: ${code === 0 ? 'done' : 'FAILED'} in ${sinceMs(since)}`)
      resolve(code === 0)
    })
  })
}

function sinceMs(startMs) {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`
}
