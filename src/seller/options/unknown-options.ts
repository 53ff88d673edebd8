import { refuseUnknown } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { CHECKS, TOOL_CHECKS } from './option-checks.js'

/** Options of payments-py that have another place here. */
const MOVED: Readonly<Record<string, string>> = {
  options:
    'is not an option: its members stand beside planId here, e.g. tokenHeader, billableMethods, onAfterSettle',
  defaultCredits: 'is not an option; did you mean credits?',
}

/** @throws OptionsError for an option that nobody knows, with the name that was probably meant. */
export function refuseUnknownOptions(options: object): void {
  for (const name of Object.keys(options)) {
    const known = camelCase(name)
    if (Object.hasOwn(MOVED, known)) throw new OptionsError(name, MOVED[known] ?? '')
  }
  refuseUnknown(options, CHECKS, 'is not an option')
}

/** @throws OptionsError for what cannot be said of one tool alone. */
export function refuseUnknownToolOptions(tool: string, row: object): void {
  const path = `tools.${tool}.`
  for (const name of Object.keys(row)) {
    const known = camelCase(name)
    if (Object.hasOwn(TOOL_CHECKS, known) || !Object.hasOwn(CHECKS, known)) continue
    throw new OptionsError(path + name, `is the same for every tool: write ${known} beside tools`)
  }
  refuseUnknown(row, TOOL_CHECKS, 'is not an option', path)
}

/** A name as Python writes it, as it is written here. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
