import { isRecord } from '../../wire/json.js'
import type { Finding } from './thing.js'

/** Collects what is wrong with one thing. */
export class Findings {
  readonly all: Finding[] = []

  fail(path: string, message: string, cure: string): void {
    this.all.push({ level: 'fail', path, message, cure })
  }

  warn(path: string, message: string, cure: string): void {
    this.all.push({ level: 'warn', path, message, cure })
  }
}

/** An object whose members are looked at one by one. */
export interface Place {
  readonly value: Readonly<Record<string, unknown>>
  /** Its own path. Empty for the whole. */
  readonly path: string
  readonly findings: Findings
}

/** The path of a member. */
export function pathOf({ path }: Pick<Place, 'path'>, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Whether a member is absent. Peers in Python and Go write `null` for that. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

/** A member that has to be a text. Says so if it is not. */
export function textIn(place: Place, name: string, cure: string): string | undefined {
  const value = place.value[name]
  if (typeof value === 'string' && value.trim() !== '') return value
  return missing(place, name, { wanted: 'a text', cure })
}

/** A member that has to be an object. Says so if it is not. */
export function objectIn(place: Place, name: string, cure: string): Place | undefined {
  const value = place.value[name]
  if (isRecord(value)) return { value, path: pathOf(place, name), findings: place.findings }
  return missing(place, name, { wanted: 'an object', cure })
}

function missing(
  place: Place,
  name: string,
  { wanted, cure }: { wanted: string; cure: string },
): undefined {
  const value = place.value[name]
  const found = isAbsent(value) ? 'is missing' : `is ${kindOfJson(value)}, not ${wanted}`
  place.findings.fail(pathOf(place, name), `The member ${name} ${found}.`, cure)
  return undefined
}

/** A text of a member; `undefined` for anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What a JSON value is, in words. */
export function kindOfJson(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return 'a list'
  const type = typeof value
  return type === 'object' ? 'an object' : type === 'string' ? 'a text' : `a ${type}`
}
