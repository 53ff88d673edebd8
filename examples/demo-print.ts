/** Prints what the demo tells. */
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Prints a text, in colours on a terminal. Pipes and `NO_COLOR` get plain text. */
export function say(style: Style, text: string): void {
  const plain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR)
  process.stdout.write(`${plain ? text : styleText(style, text)}\n`)
}

export function line(label: string, text: string, style: Style = 'reset'): void {
  say(style, `  ${label.padEnd(9)} ${text}`)
}

export function short(text: string): string {
  return `${text.slice(0, 6)}…${text.slice(-4)}`
}

export function cut(lines: string): string {
  const text = lines.replaceAll('\n', ' · ')
  return text.length > 110 ? `${text.slice(0, 107)}…` : text
}
