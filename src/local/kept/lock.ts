import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRecord, parseJson } from '../../wire/json.js'

/** Somebody else holds the lock. */
export class Locked extends Error {
  override readonly name = 'Locked'
  /** The id of the process that holds the lock. */
  readonly pid: number

  constructor(pid: number) {
    super(`process ${pid} holds the lock`)
    this.pid = pid
  }
}

/**
 * Takes a lock, which is a file that names this process. The lock of a process that has ended does not count.
 *
 * @returns a function that gives the lock back.
 * @throws Locked if another process holds the lock, or this one does.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  const text = JSON.stringify({ pid: process.pid, startedAt: performance.timeOrigin })
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, text, { mode: 0o600 })
  try {
    while (!(await isLinked(draft, file))) {
      const pid = await holderOf(file)
      if (pid !== undefined) throw new Locked(pid)
      if (await hasReplaced(draft, file)) break
    }
  } finally {
    await rm(draft, { force: true })
  }
  return () => rm(file, { force: true })
}

/** Puts the lock there with its content, in one step, unless one is there. */
async function isLinked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Puts the lock in the place of one that does not count. Only who holds a second lock may do so. Otherwise two processes
 * that saw the same old lock could both replace it.
 */
async function hasReplaced(draft: string, file: string): Promise<boolean> {
  try {
    const release = await takeLock(`${file}.next`)
    try {
      if (!existsSync(file) || (await holderOf(file)) !== undefined) return false
      await rename(draft, file)
      return true
    } finally {
      await release()
    }
  } catch (error) {
    if (!(error instanceof Locked)) throw error
    await sleep(5)
    return false
  }
}

/** @returns the process that holds a lock; `undefined` if it has ended, or there is no lock. */
async function holderOf(file: string): Promise<number | undefined> {
  const holder = parseJson(await readFile(file, 'utf8').catch(() => ''))
  const { pid, startedAt } = isRecord(holder) ? holder : {}
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
  // In a container, a process often has the id of the one that was killed before.
  if (pid === process.pid) return startedAt === performance.timeOrigin ? pid : undefined
  const bootedAtMs = Date.now() - os.uptime() * 1000
  const { mtimeMs = 0 } = await stat(file).catch(() => ({ mtimeMs: undefined }))
  return mtimeMs > bootedAtMs && isAlive(pid) ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // It is there, and another user's.
  }
}
