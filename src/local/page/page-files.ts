import { readFile } from 'node:fs/promises'

/** The files of the page, as they lie in the package, and their types. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

export interface PageFile {
  readonly type: string
  readonly text: string
}

/** Reads a file of the page. @returns `undefined` if the page has no file of this name. */
export async function pageFile(name: string): Promise<PageFile | undefined> {
  const type = /^[a-z-]+\.(html|css|js)$/.test(name) && TYPES[name.split('.')[1] ?? '']
  if (!type) return undefined
  try {
    return { type, text: await readFile(new URL(`../../page/${name}`, import.meta.url), 'utf8') }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
