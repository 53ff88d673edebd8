import { isRecord } from '../../wire/json.js'

/** What goes to another process of an error. A copied error would lose its name. */
export interface SentError {
  name: string
  message: string
  stack: string
  code: unknown
  /** The URL of a module that was not found. */
  url: unknown
}

export function toSent(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const {
    name,
    message,
    stack = '',
    code,
    url,
  } = error as Error & { code?: unknown; url?: unknown }
  return { name, message, stack, code, url }
}

export function fromSent({ message, ...rest }: SentError): Error {
  return Object.assign(new Error(message), rest)
}

const ERROR = '@error'

/** Writes JSON in which errors keep what they are. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (member instanceof Error) return { [ERROR]: toSent(member) }
    return typeof member === 'bigint' ? member.toString() : member
  })
}

/** Reads what {@link toJson} wrote. */
export function fromJson(json: string): unknown {
  return JSON.parse(json, (_, member: unknown) =>
    isRecord(member) && ERROR in member ? fromSent(member[ERROR] as SentError) : member,
  )
}
