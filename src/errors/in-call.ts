import { OptionsError } from './payment-error.js'
import { shown } from './shown.js'

/**
 * Runs a call of a developer. If an OptionsError is thrown, it gets the name of the call and the value that
 * was given.
 *
 * @param given the arguments of the call, by the names that an OptionsError uses
 */
export function inCall<T>(call: string, given: unknown, task: () => T): T {
  try {
    const made = task()
    if (!(made instanceof Promise)) return made
    return made.catch((error: unknown) => {
      throw named(error, call, given)
    }) as T
  } catch (error) {
    throw named(error, call, given)
  }
}

function named(error: unknown, call: string, given: unknown): unknown {
  if (!(error instanceof OptionsError) || error.call !== undefined) return error
  const { option, expected } = error
  return new OptionsError(option, expected, { call, given: givenFor(option, expected, given) })
}

/** The value that was given, if the error does not show it yet. */
function givenFor(option: string, expected: string, given: unknown): string | undefined {
  if (!TELLS.test(expected) || SAYS.test(expected)) return undefined
  const found = valueAt(given, option.replaceAll(/\[(\d+)\]/g, '.$1'))
  return found && shown(option, found.value)
}

/** Matches errors that are about a value and do not show it yet. */
const TELLS = /\bexpected\b|\bmust\b/
const SAYS = /^is '|\bgiven\b|\bgot\b/

/** The value at a path such as `tools.search.credits`. A name in the path may have dots of its own. */
function valueAt(given: unknown, path: string): { value: unknown } | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  if (Object.hasOwn(given, path)) return { value: (given as Record<string, unknown>)[path] }
  for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) {
    const name = path.slice(0, end)
    if (!Object.hasOwn(given, name)) continue
    return valueAt((given as Record<string, unknown>)[name], path.slice(end + 1))
  }
  return path.includes('.') ? undefined : { value: undefined }
}
