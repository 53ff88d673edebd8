import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** The pages that are in the package. */
export const SHIPPED_PAGES: readonly string[] = [
  'README.md',
  'SECURITY.md',
  ...readdirSync('docs').map((file) => `docs/${file}`),
]

/** Every page that people read. */
export const PAGES: readonly string[] = [
  ...SHIPPED_PAGES,
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  'examples/deploy/README.md',
  'examples/deploy/PAYMENTS.md',
]

/** A fenced block of code. */
export interface Block {
  readonly page: string
  /** The line of the page where its code begins, from 1. */
  readonly line: number
  readonly language: string
  /** The word after the language. `sells`, `runs` and `jest` say how the block is run. */
  readonly mark: string
  readonly code: string
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```(\w+) ?(\w*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', mark = '', code = ''] = match
    const line = text.slice(0, match.index).split('\n').length + 1
    return { page, line, language, mark, code }
  })
}

/** A page without its blocks of code. */
export function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^ *```[\s\S]*?^ *```$/gm, '')
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

export function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
}

/** The headings of the second level. */
export function headingsIn(page: string): string[] {
  return [...proseOf(page).matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading)
}

/** A link of a page to a file or a heading of this repository. */
export interface Link {
  readonly text: string
  /** The file that the link leads to, from the root. */
  readonly target: string
  readonly anchor: string | undefined
}

export function linksOf(page: string): Link[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, text = '']) => text)
    .filter((text) => !/^https?:/.test(text))
    .map((text) => {
      const [file = '', anchor] = text.split('#')
      const target = file === '' ? page : path.join(path.dirname(page), file)
      return { text, target, anchor }
    })
}
