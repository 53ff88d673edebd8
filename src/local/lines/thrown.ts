import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { asError } from '../../errors/payment-error.js'
import { withoutSecrets } from './without-secrets.js'
import type { Thrown } from './call-report.js'

/** Reads an error, for the developer whose code threw it. */
export function readThrown(given: unknown): Thrown {
  const error = innermost(asError(given))
  const all = framesIn(error.stack ?? '')
  const own = all.filter(isOwn)
  const [first] = own
  return {
    message: withoutSecrets(messageOf(error)),
    place: first && `${first.file}:${first.line}`,
    frames: own.map(textOf),
    allFrames: all.map(textOf),
  }
}

/** The error of the function, and not that of the service that ran it. */
function innermost(error: Error): Error {
  const isOfService = error.name === 'LambdaError' || error.name === 'InterceptorFailure'
  return isOfService && error.cause instanceof Error ? innermost(error.cause) : error
}

/** The message, with that of the cause. `fetch` says only "fetch failed" by itself. */
function messageOf({ name, message, cause }: Error): string {
  const text = message === '' ? name : message
  const why = cause instanceof Error ? causeOf(cause) : ''
  return why === '' || text.includes(why) ? text : `${text} (${why})`
}

/** An error of several attempts to connect has a code and no message. */
function causeOf({ message, ...more }: Error): string {
  const { code } = more as { code?: unknown }
  return message === '' && typeof code === 'string' ? code : message
}

interface Frame {
  readonly name: string | undefined
  /** From the working directory, if the file lies in it. */
  readonly file: string
  readonly line: string
  readonly column: string
}

const FRAME = /^ +at (?:(.*?) \()?((?:file:\/\/|node:)?[^()\s][^()]*?):(\d+):(\d+)\)?$/

function framesIn(stack: string): Frame[] {
  return stack.split('\n').flatMap((text) => {
    const [, name, at = '', line = '', column = ''] = FRAME.exec(text) ?? []
    return line === '' ? [] : [{ name, file: fileOf(at), line, column }]
  })
}

function fileOf(at: string): string {
  // A module that was loaded again has a query.
  const [plain = ''] = at.split('?')
  const file = plain.startsWith('file://') ? fileURLToPath(plain) : plain
  if (!path.isAbsolute(file)) return file
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') ? file : relative
}

/** The files of this package, compiled or not. */
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))
const OURS = ['dist', 'src'].map((folder) => path.join(PACKAGE, folder) + path.sep)

function isOwn({ file }: Frame): boolean {
  if (file.startsWith('node:') || file.split(/[\\/]/).includes('node_modules')) return false
  return !OURS.some((folder) => path.resolve(file).startsWith(folder))
}

function textOf({ name, file, line, column }: Frame): string {
  const at = `${file}:${line}:${column}`
  return name === undefined ? at : `${name} (${at})`
}
