import type { Receipt } from '../../client/buying/receipt.js'
import { isRecord } from '../../wire/json.js'
import { Ended } from '../ended.js'
import { Output } from '../output/output.js'
import { plainText } from '../output/plain-text.js'
import { endingOf } from './outcome.js'

/** Prints the result of a tool: its texts. Other content is named. */
export async function printResult(result: object): Promise<void> {
  const { content } = result as { content?: unknown }
  const blocks: unknown[] = Array.isArray(content) ? content : []
  const output = new Output()
  const clean = (text: string): string =>
    output.isTerminal ? text.split('\n').map(plainText).join('\n') : text
  const texts = blocks.map((block) => {
    const { type, text, mimeType } = isRecord(block) ? block : {}
    if (type === 'text' && typeof text === 'string') return text
    return `[${[type, mimeType].filter((one) => typeof one === 'string').join(' ')}: --json prints it]`
  })
  const whole = texts.length === 0 ? [JSON.stringify(result, undefined, 2)] : texts
  await output.lines(whole.map(clean))
}

/** @throws Ended if the result is an error. It says what became of the payment. */
export function requireDelivered(result: object, receipt: Receipt | undefined): void {
  const { isError } = result as { isError?: unknown }
  if (isError !== true && receipt?.paid !== 'unknown') return
  if (receipt === undefined) throw new Ended('the tool answers with an error. Nothing was paid')
  throw endingOf(receipt, isError === true ? 'the paid call failed' : 'the call was answered')
}
