// Runs a Node program with a temporary folder and a process group of its own. Both are gone at the end,
// also when the run is interrupted.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onInterruption } from './interruption.mjs'

/** @returns the program's exit code. A signal to this process ends the program and this process. */
export async function runAlone(args, env = process.env) {
  const folder = mkdtempSync(path.join(tmpdir(), 'agentcore-x402-run-'))
  // Jest's watch mode reads the keyboard, which a group of its own could not.
  const detached = process.platform !== 'win32' && !args.some((arg) => /^--watch(All)?$/.test(arg))
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...env, TMPDIR: folder, TEMP: folder, TMP: folder },
    detached,
  })
  const stop = onInterruption((exitCode) => {
    cleanUp()
    process.exit(exitCode)
  })
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  stop()
  cleanUp()
  return code

  function cleanUp() {
    if (detached) killGroup(child.pid)
    else child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

/** Ends whatever the program has started and left behind. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}
