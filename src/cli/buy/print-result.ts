import { isRecord } from '../../wire/json.js'
import { Output } from '../output/output.js'
import { inTerminal } from './print-response.js'

/** Prints the result of a tool: its texts. Other content is named. */
export async function printResult(result: object): Promise<void> {
  const { content } = result as { content?: unknown }
  const blocks: unknown[] = Array.isArray(content) ? content : []
  const output = new Output()
  const texts = blocks.map((block) => {
    const { type, text, mimeType } = isRecord(block) ? block : {}
    if (type === 'text' && typeof text === 'string') return text
    return `[${[type, mimeType].filter((one) => typeof one === 'string').join(' ')}: --json prints it]`
  })
  const whole = texts.length === 0 ? [JSON.stringify(result, undefined, 2)] : texts
  await output.lines(output.isTerminal ? whole.map(inTerminal) : whole)
}
