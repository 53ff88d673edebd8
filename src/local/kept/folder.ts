import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { OptionsError } from '../../errors/payment-error.js'
import { Locked, takeLock } from './lock.js'

const STATE = 'state.json'
const LOCK = 'lock'
const PAYMENTS = 'payments.db'

/** What may lie in the folder. Each file may have drafts and companions, whose names go on after its own. */
const OURS = [STATE, LOCK, PAYMENTS, '.gitignore']

/** A folder in which one local stack keeps what it knows. */
export interface KeptFolder {
  /** Where the state is. */
  readonly file: string
  /** Where the table of payments is. */
  readonly paymentsFile: string
  /** @returns what was written last; `undefined` if there is nothing. */
  read(): Promise<string | undefined>
  /** Replaces the state. A reader sees all of the old text or all of the new one, whatever ends this process. */
  write(text: string): Promise<void>
  /** Lets another stack have the folder. */
  close(): Promise<void>
}

/**
 * Opens the folder for this process, and makes it if it is not there. Only its owner may read it, and git ignores it.
 *
 * @param begins deletes what was kept before
 * @throws OptionsError if another stack uses the folder, it has files of others, or it cannot be written to.
 */
export async function openFolder(name: string, begins: boolean): Promise<KeptFolder> {
  const folder = path.resolve(name)
  const file = path.join(folder, STATE)
  const paymentsFile = path.join(folder, PAYMENTS)
  const draft = `${file}.draft`
  try {
    await makeFolder(folder)
    const close = await takeLock(path.join(folder, LOCK))
    if (begins) await removeAll(folder, [STATE, PAYMENTS])
    return {
      ...{ file, paymentsFile },
      read: () => readFile(file, 'utf8').catch(unlessMissing),
      async write(text) {
        await writeFile(draft, text, { mode: 0o600 })
        await rename(draft, file)
      },
      close,
    }
  } catch (error) {
    if (error instanceof OptionsError) throw error
    throw new OptionsError('folder', whyNot(folder, error as NodeJS.ErrnoException))
  }
}

async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made === undefined) {
    const others = (await readdir(folder)).find((name) => !isOurs(name))
    if (others !== undefined) {
      const what = `${folder} holds files of others, such as ${others}`
      throw new OptionsError('folder', `${what}. Name a folder that is empty or not there yet`)
    }
    // Some file systems have no modes. What is kept there is worthless anywhere else.
    const { mode } = await stat(folder)
    if ((mode & 0o077) !== 0) await chmod(folder, 0o700).catch(() => undefined)
  }
  await writeFile(path.join(folder, '.gitignore'), '*\n', { mode: 0o600 })
}

function isOurs(name: string): boolean {
  return OURS.some((own) => belongsTo(own, name))
}

/** Drafts are named with a dot. The table has companions, whose names SQLite makes with a hyphen. */
function belongsTo(own: string, name: string): boolean {
  return name === own || name.startsWith(`${own}.`) || name.startsWith(`${own}-`)
}

async function removeAll(folder: string, files: readonly string[]): Promise<void> {
  const names = await readdir(folder)
  const found = names.filter((name) => files.some((own) => belongsTo(own, name)))
  for (const name of found) await rm(path.join(folder, name), { force: true })
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function whyNot(folder: string, error: NodeJS.ErrnoException): string {
  if (!(error instanceof Locked)) return `${folder} cannot be used: ${error.message}`
  const cure = `Stop it, or give this one another folder. If process ${error.pid} is something else, delete ${path.join(folder, LOCK)}`
  return `process ${error.pid}, another local stack, uses ${folder}. ${cure}`
}
