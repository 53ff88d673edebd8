import { describe } from '@jest/globals'
import { DYNOXIDE, IS_INSTALLED, type Program, programs } from './engine.js'

/**
 * `describe`, if the engine is installed. Otherwise the tests are skipped, and the reason is printed at once.
 */
export const describeTable = IS_INSTALLED ? describe : describe.skip
if (!IS_INSTALLED) {
  console.warn(
    'skipped: no DynamoDB engine. Install it: node .config/install-peers.mjs tests/peers',
  )
}

/** `describe` for each engine of this machine. */
export function describeEngines(name: string, tests: (program: Program) => void): void {
  const found = programs()
  for (const program of found) describe(`${name}, ${program.name}`, () => tests(program))
  if (found.length === 0) describe.skip(name, () => tests(DYNOXIDE))
}
