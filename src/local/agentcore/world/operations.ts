import type * as z from 'zod/mini'
import type { Call, World } from './world.js'

/** One operation of AWS's model: its HTTP request, and its function. */
export interface Operation {
  name: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** The path, with the names of members in braces. */
  path: string
  /** The HTTP status of a success. */
  status: number
  /** The members that are in the query, each with its kind. */
  query?: Readonly<Record<string, 'text' | 'number'>>
  shape: z.ZodMiniType
  run: (world: World, call: Call, input: unknown) => unknown
}

/** Ties the function of an operation to the shape of its input. */
export function does<T>(
  shape: z.ZodMiniType<T>,
  run: (world: World, call: Call, input: T) => unknown,
): Pick<Operation, 'shape' | 'run'> {
  return { shape, run: (world, call, input) => run(world, call, input as T) }
}

/** An operation, and the members that the path of a request has. */
export interface Match {
  operation: Operation
  /** The members as they came, not decoded. */
  labels: Record<string, string>
}

/** Finds the operation that a request asks for. */
export function match(
  operations: readonly Operation[],
  method: string,
  path: string,
): Match | undefined {
  const parts = path.split('/')
  for (const operation of operations) {
    const labels = operation.method === method ? labelsOf(operation.path, parts) : undefined
    if (labels !== undefined) return { operation, labels }
  }
  return undefined
}

function labelsOf(template: string, parts: readonly string[]): Record<string, string> | undefined {
  const wanted = template.split('/')
  if (wanted.length !== parts.length) return undefined
  const labels: Record<string, string> = {}
  for (const [i, part] of parts.entries()) {
    const name = /^\{(.+)\}$/.exec(wanted[i] ?? '')?.[1]
    if (name !== undefined && part !== '') labels[name] = part
    else if (part !== wanted[i]) return undefined
  }
  return labels
}
