import { lstat, mkdir, open, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'

/** A file to write. */
export interface NewFile {
  /** Its path in the folder, with `/`. */
  readonly name: string
  readonly text: string
}

/** @returns what is there already: the files, and what is in the place of a folder. */
export async function filesInTheWay(folder: string, files: readonly NewFile[]): Promise<string[]> {
  const found = new Set<string>()
  for (const { name } of files) {
    const parts = name.split('/')
    for (let count = 1; count < parts.length; count++) {
      const parent = parts.slice(0, count).join('/')
      if ((await kindOf(path.join(folder, parent))) === 'file') found.add(parent)
    }
    if ((await kindOf(path.join(folder, name))) !== undefined) found.add(name)
  }
  return [...found]
}

async function kindOf(file: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await lstat(file)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined
    throw error
  }
}

/**
 * Writes the files. A file that is there is not changed. If one cannot be written, those before it are removed.
 *
 * @throws the system's error.
 */
export async function writeFiles(folder: string, files: readonly NewFile[]): Promise<void> {
  const written: string[] = []
  const made: string[] = []
  try {
    for (const { name, text } of files) {
      const file = path.join(folder, name)
      made.push(...(await makeFolder(path.dirname(file))))
      const opened = await open(file, 'wx')
      written.push(file)
      await opened.writeFile(text).finally(() => opened.close())
    }
  } catch (error) {
    for (const file of written) await rm(file, { force: true })
    // A folder that has something else by now stays.
    for (const one of made.reverse()) await rmdir(one).catch(() => undefined)
    throw error
  }
}

/** Makes a folder. @returns those that are new, from the outermost on. */
async function makeFolder(folder: string): Promise<string[]> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return []
  const below = path.relative(first, folder).split(path.sep).filter(Boolean)
  return [first, ...below.map((_, at) => path.join(first, ...below.slice(0, at + 1)))]
}
