import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The compiled files of this package. */
const OURS = path.resolve(fileURLToPath(new URL('../../', import.meta.url))) + path.sep

/** Whether a file is the user's own: neither of a package, nor of this one. */
export function isOfUser(file: string): boolean {
  return !file.split(/[\\/]/).includes('node_modules') && !file.startsWith(OURS)
}

/** @returns the file of a module's URL, if it is the user's own. */
export function userFileIn(url: string): string | undefined {
  const file = url.startsWith('file://') ? pathIn(url) : ''
  return file !== '' && isOfUser(file) ? file : undefined
}

/** The path of a module, which Node names by a URL or a path. */
export function pathIn(urlOrPath: string): string {
  const [plain = ''] = urlOrPath.split('?')
  return plain.startsWith('file://') ? fileURLToPath(plain) : plain
}

/** A file as people know it: from the working directory, if it lies there. */
export function shownFile(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') ? file : relative
}
