import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The last version whose records hold neither the signed payment nor what was sold. */
const OLDER = '7b9c787'

/** The sources of an older version. */
export interface OlderVersion {
  root: string
  remove: () => Promise<void>
}

/** @returns why the history of this package does not have that version. */
export async function whyNoOlder(): Promise<string | undefined> {
  try {
    await run('git', ['cat-file', '-e', `${OLDER}^{commit}`])
    return undefined
  } catch {
    return `git does not know ${OLDER}: the history of this package is not here`
  }
}

/** Takes the sources of the older version out of git. They lie in the package, so that they find what is installed. */
export async function olderVersion(): Promise<OlderVersion> {
  await mkdir('.cache', { recursive: true })
  const root = await mkdtemp(path.resolve('.cache/older-'))
  const archive = path.join(root, 'older.tar')
  await run('git', ['archive', '--output', archive, OLDER, 'src', 'tests', 'bench'])
  await run('tar', ['-xf', archive, '-C', root])
  return { root, remove: () => rm(root, { recursive: true, force: true }) }
}
