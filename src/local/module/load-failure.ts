import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { INSTALL_TSX, isTypeScript } from './typescript.js'
import { isOfUser, pathIn, shownFile } from './user-files.js'

/** A module was loaded, and cannot be used. The message says why. */
export class Unusable extends Error {
  override readonly name = 'Unusable'
}

/**
 * Says in one line why a module was not loaded, with file and line.
 *
 * @param files those that were loaded before the failure, the last one last
 */
export async function loadFailure(error: unknown, files: readonly string[]): Promise<string> {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'Unusable') return error.message
  const place = placeIn(error.stack ?? '') ?? (await syntaxPlace(error, files))
  const [first = '', second = ''] = error.message.split('\n')
  const line = first.endsWith(':') ? `${first} ${second.trim()}` : first
  const hint = hintFor(error)
  return `${error.name}: ${line}${place === undefined ? '' : ` at ${place}`}${hint}`
}

/** A path or URL, and the number of a line. */
const AT_TOP = /^((?:file:\/\/)?(?:\/|[A-Z]:\\)[^()]*?):(\d+)$/
const IN_FRAME = /^ +at (?:[^(]*\()?((?:file:\/\/)?(?:\/|[A-Z]:\\)[^()]*?):(\d+):\d+\)?$/

/** The place that a stack begins with, or that of its first line in a file that is no package's. */
function placeIn(stack: string): string | undefined {
  const lines = stack.split('\n')
  const top = AT_TOP.exec(lines[0] ?? '')
  const frames = lines.map((line) => IN_FRAME.exec(line))
  const own = frames.find((found) => found !== null && isOfUser(pathIn(found[1] ?? '')))
  const [, file, line] = top ?? own ?? []
  return file === undefined || line === undefined ? undefined : `${shownFile(pathIn(file))}:${line}`
}

/** Node does not say where an ES module has a wrong syntax. Its own check does. */
async function syntaxPlace(error: Error, files: readonly string[]): Promise<string | undefined> {
  if (error.name !== 'SyntaxError') return undefined
  for (const file of [...files].reverse().filter((one) => !isTypeScript(one))) {
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, ['--check', file], (_, __, stderr) => resolve(stderr))
    })
    const place = placeIn(said)
    if (place !== undefined) return place
  }
  return undefined
}

function hintFor(error: Error): string {
  const { code, url } = error as { code?: unknown; url?: unknown }
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return `. ${INSTALL_TSX} runs it`
  if (code !== 'ERR_MODULE_NOT_FOUND' || typeof url !== 'string') return ''
  const typed = fileURLToPath(url).replace(/\.([cm]?)js$/, '.$1ts')
  const isTyped = url.startsWith('file://') && existsSync(typed)
  return isTyped ? `. There is ${shownFile(typed)}: import that, or: ${INSTALL_TSX}` : ''
}
