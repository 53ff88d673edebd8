import { Writable } from 'node:stream'
import type { Inspection } from '../../../../src/cli/inspect/inspect-text.js'
import { inspectionLines } from '../../../../src/cli/inspect/print.js'
import { Output } from '../../../../src/cli/output/output.js'

const plain = new Output(new Writable(), { LC_ALL: 'C.UTF-8' })

/** What a person sees without colours, one text. */
export function shown(inspection: Inspection): string {
  return inspectionLines(inspection, plain).join('\n')
}

/** Everything that goes out, for a person or for a program. */
export function everything(inspection: Inspection): string {
  return `${shown(inspection)}\n${JSON.stringify(inspection)}`
}

/** Parts of a secret that must not be seen: every long run of characters in it that is no address. */
export function partsOf(secret: string): string[] {
  return secret.split('.').flatMap((part) => {
    const middle = part.replace(/^0x/, '').slice(10, -10)
    return middle.length >= 20 ? [middle] : []
  })
}
